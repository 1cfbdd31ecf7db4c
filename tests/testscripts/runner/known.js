// What of TestScript (https://hl7.org/fhir/R4/testscript.html) this runner understands. A script
// with anything else in it is refused whole, so that nothing in it is passed over in silence.
import { Unknown } from './refusal.js';

const DESCRIPTION = [
  'resourceType', 'id', 'url', 'version', 'name', 'title', 'status', 'experimental', 'date',
  'publisher', 'description', 'purpose', 'metadata', 'origin', 'destination',
];

const OPERATION = [
  'type', 'resource', 'label', 'description', 'accept', 'contentType', 'encodeRequestUrl',
  'method', 'params', 'requestHeader', 'responseId', 'sourceId', 'url',
];

// What an assertion is about: exactly one of them.
export const SUBJECTS = [
  'response', 'responseCode', 'contentType', 'headerField', 'resource', 'expression',
  'validateProfileId',
];

const ASSERT = [
  ...SUBJECTS, 'label', 'description', 'direction', 'operator', 'value', 'sourceId',
  'compareToSourceId', 'compareToSourceExpression', 'warningOnly',
];

const VARIABLE = [
  'name', 'defaultValue', 'description', 'expression', 'headerField', 'hint', 'sourceId',
];

// Refuses a script that says anything this runner does not know.
export function refuseUnknown(script) {
  only(script, 'TestScript', [
    ...DESCRIPTION, 'contained', 'fixture', 'profile', 'variable', 'setup', 'test', 'teardown',
  ]);
  for (const side of ['origin', 'destination']) {
    const declared = script[side] ?? [];
    unless(declared.length <= 1, `TestScript.${side}: more than one`);
  }
  for (const variable of script.variable ?? []) only(variable, 'variable', VARIABLE);
  for (const fixture of script.fixture ?? []) {
    only(fixture, 'fixture', ['id', 'autocreate', 'autodelete', 'resource']);
    unless(!fixture.autocreate && !fixture.autodelete, 'a fixture that creates or deletes itself');
    unless(fixture.resource?.reference?.startsWith('#'), 'a fixture that is not contained');
  }
  for (const profile of script.profile ?? []) only(profile, 'profile', ['id', 'reference']);
  for (const action of actions(script)) refuseUnknownAction(action);
}

// Every action of a script, those of setup, tests and teardown.
export const actions = (script) =>
  [script.setup, ...(script.test ?? []), script.teardown].flatMap((part) => part?.action ?? []);

function refuseUnknownAction({ operation, assert, ...others }) {
  only(others, 'action', []);
  if (operation) {
    only(operation, 'operation', OPERATION);
    const type = operation.type ?? {};
    only(type, 'operation.type', ['system', 'code']);
    for (const header of operation.requestHeader ?? []) {
      only(header, 'requestHeader', ['field', 'value']);
    }
  }
  if (assert) {
    only(assert, 'assert', ASSERT);
    const subjects = SUBJECTS.filter((subject) => subject in assert);
    unless(subjects.length === 1, `an assert about ${subjects.join(' and ') || 'nothing'}`);
    unless((assert.direction ?? 'response') === 'response', 'an assert about a request');
    unless(assert.warningOnly === false, 'an assert that only warns');
  }
}

function only(element, name, known) {
  const unknown = Object.keys(element).filter((key) => !known.includes(key));
  unless(unknown.length === 0, `${name}: ${unknown.join(', ')}`);
}

function unless(holds, what) {
  if (!holds) throw new Unknown(`this runner does not know ${what}`);
}
