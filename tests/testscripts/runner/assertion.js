// Judges an assertion of a script
// (https://hl7.org/fhir/R4/testscript-definitions.html#TestScript.setup.action.assert).
import { Failed, Unknown } from './refusal.js';

// https://hl7.org/fhir/R4/valueset-assert-response-code-types.html
const RESPONSES = {
  okay: 200, created: 201, noContent: 204, notModified: 304, bad: 400, forbidden: 403,
  notFound: 404, methodNotAllowed: 405, conflict: 409, gone: 410, preconditionFailed: 412,
  unprocessable: 422,
};

const list = (value) => value.split(',').map((each) => each.trim());

// What each operator wants of the values found, given the value expected.
const OPERATORS = {
  equals: (found, value) => found.length === 1 && found[0] === value,
  notEquals: (found, value) => found.length === 1 && found[0] !== value,
  in: (found, value) => found.length === 1 && list(value).includes(found[0]),
  notIn: (found, value) => found.length === 1 && !list(value).includes(found[0]),
  greaterThan: (found, value) => found.length === 1 && Number(found[0]) > Number(value),
  lessThan: (found, value) => found.length === 1 && Number(found[0]) < Number(value),
  contains: (found, value) => found.some((each) => each.includes(value)),
  notContains: (found, value) => found.length > 0 && !found.some((each) => each.includes(value)),
  empty: (found) => found.length === 0,
  notEmpty: (found) => found.length > 0,
};

// What an assertion is about: what of the answer it looks at, and what it expects by itself.
const SUBJECTS = {
  response: (assert, answer) => {
    const status = RESPONSES[assert.response];
    if (!status) throw new Unknown(`this runner does not know the response ${assert.response}`);
    return { found: [String(answer.status)], value: String(status) };
  },
  responseCode: (assert, answer) => ({
    found: [String(answer.status)], value: assert.responseCode,
  }),
  contentType: (assert, answer) => ({ found: [answer.mediaType], value: assert.contentType }),
  resource: (assert, answer) => ({
    found: [answer.resource.resourceType], value: assert.resource,
  }),
  headerField: (assert, answer) => {
    const value = answer.headers?.get(assert.headerField);
    return { found: value === null || value === undefined ? [] : [value] };
  },
  expression: (assert, answer) => ({ found: answer.find(assert.expression) }),
};

// Passes, or throws Failed with what was found.
export async function judge(assert, script) {
  const answer = assert.sourceId ? script.exchanges.get(assert.sourceId) : script.last;
  if (!answer) throw new Failed('there is nothing to look at yet');
  if (assert.validateProfileId) {
    return script.validity.demand(answer.resource, profile(assert, script));
  }
  const subject = Object.keys(SUBJECTS).find((name) => name in assert);
  const { found, value: own } = SUBJECTS[subject](assert, answer);
  const operator = assert.operator ?? 'equals';
  const holds = OPERATORS[operator];
  if (!holds) throw new Unknown(`this runner does not know the operator ${operator}`);
  const isAlone = operator === 'empty' || operator === 'notEmpty';
  const value = own ?? (isAlone ? undefined : expected(assert, script));
  if (!holds(found, value)) {
    const what = assert.expression ?? assert.headerField ?? subject;
    throw new Failed(`${what} ${operator} ${value ?? ''}: found ${JSON.stringify(found)}`);
  }
  return undefined;
}

function expected(assert, script) {
  if (assert.value !== undefined) return script.variables.fill(assert.value);
  const other = script.exchanges.get(assert.compareToSourceId);
  if (!other) throw new Unknown('an assertion says neither a value nor what to compare with');
  const found = other.find(assert.compareToSourceExpression ?? '');
  if (found.length !== 1) throw new Failed(`${found.length} values to compare with, and not one`);
  return found[0];
}

function profile(assert, script) {
  const declared = script.profiles.get(assert.validateProfileId);
  if (!declared) throw new Failed(`no profile ${assert.validateProfileId} is declared`);
  return declared;
}
