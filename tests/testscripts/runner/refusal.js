// What ends a test: an assertion that does not hold, or a script that this runner cannot judge.

// An assertion of a script does not hold, or a request could not be made.
export class Failed extends Error {}

// A script says something that this runner does not know. It is never passed over.
export class Unknown extends Error {}
