// Runs one script: its setup, its tests one after the other, its teardown
// (https://hl7.org/fhir/R4/testscript.html).
import { judge } from './assertion.js';
import { Fixture } from './exchange.js';
import { refuseUnknown } from './known.js';
import { send } from './operation.js';
import { Failed } from './refusal.js';
import { Variables } from './variables.js';

const KIND = 'http://hl7.org/fhir/StructureDefinition/TestScript';

// Runs a script. Answers with what became of each of its tests, as { name, failure }, and with the
// requests that were sent. A script that cannot be run as a whole is one test that failed.
export async function run(script, { base, given, validity }) {
  const state = { base, validity, sent: [], exchanges: new Map(), profiles: new Map(), last: null };
  try {
    validity.demand(script, KIND);
    refuseUnknown(script);
    begin(state, script, given);
    if ((script.test ?? []).length === 0) throw new Failed('the script tests nothing');
  } catch (error) {
    return { tests: [{ name: 'the script can be run', failure: error.message }], sent: [] };
  }
  const setup = await carryOut(script.setup, state);
  const tests = [];
  for (const test of script.test) {
    const failure = setup ? `setup: ${setup}` : await carryOut(test, state);
    tests.push({ name: test.name, failure });
  }
  const teardown = await carryOut(script.teardown, state);
  if (teardown) tests.push({ name: 'teardown', failure: teardown });
  return { tests, sent: state.sent };
}

function begin(state, script, given) {
  const contained = new Map((script.contained ?? []).map((each) => [`#${each.id}`, each]));
  for (const fixture of script.fixture ?? []) {
    const resource = contained.get(fixture.resource.reference);
    if (!resource) throw new Failed(`${fixture.resource.reference} is not contained`);
    state.exchanges.set(fixture.id, new Fixture(resource));
  }
  for (const { id, reference } of script.profile ?? []) state.profiles.set(id, reference);
  state.variables = new Variables(script, state.exchanges, given);
}

// Carries out actions until one fails, and answers why it did.
async function carryOut(part, state) {
  for (const [index, { operation, assert }] of (part?.action ?? []).entries()) {
    try {
      if (operation) {
        state.last = null;
        state.last = await send(operation, state);
        if (operation.responseId) state.exchanges.set(operation.responseId, state.last);
      } else {
        await judge(assert, state);
      }
    } catch (error) {
      const { description } = operation ?? assert;
      return `action ${index + 1}${description ? ` (${description})` : ''}: ${error.message}`;
    }
  }
  return undefined;
}
