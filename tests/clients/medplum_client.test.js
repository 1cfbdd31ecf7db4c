// The FHIR client of Medplum from npm does with the running server what an app built on it does:
// https://github.com/medplum/medplum. Started by scripts/test-clients, which sets BASE_URL,
// TOKEN and TOKEN_NO_ACTIVITY.
import assert from 'node:assert/strict';
import test from 'node:test';

import { MedplumClient, OperationOutcomeError } from '@medplum/core';

import {
  CHILD_PROTECTION_PLAN, NO_PLAN, NOT_AN_NHS_NUMBER, ONE_PLAN, TWO_AUTHORITIES, includedKinds, of,
} from './children.js';

const { BASE_URL, TOKEN, TOKEN_NO_ACTIVITY } = process.env;

// The client keeps what it was answered for a while unless it is told not to.
function clientWith(token) {
  const { origin, pathname } = new URL(BASE_URL);
  const made = new MedplumClient({
    baseUrl: `${origin}/`, fhirUrlPath: pathname.slice(1), cacheTime: 0, fetch,
  });
  if (token) made.setAccessToken(token);
  return made;
}
const client = clientWith(TOKEN);

const theFlag = () => client.searchOne('Flag', of(ONE_PLAN));

// The code of a request that must be refused with an OperationOutcome.
async function refusal(request) {
  const error = await request.then(() => assert.fail('the request was not refused'), (e) => e);
  assert.ok(error instanceof OperationOutcomeError, error.message);
  assert.equal(error.outcome.resourceType, 'OperationOutcome');
  return error.outcome.issue[0].code;
}

test('the capability statement says that flags can be searched', async () => {
  const statement = await client.get(client.fhirUrl('metadata'));
  assert.equal(statement.fhirVersion, '4.0.1');
  assert.ok(statement.rest[0].resource.some(({ type }) => type === 'Flag'));
});

test('a search by NHS number finds the flag of the child it names', async () => {
  const bundle = await client.search('Flag', of(ONE_PLAN));
  assert.equal(bundle.total, 1);
  assert.equal(bundle.entry[0].resource.code.coding[0].code, CHILD_PROTECTION_PLAN);
  assert.deepEqual(await theFlag(), bundle.entry[0].resource);
});

test('a child without a plan is an empty searchset and not an error', async () => {
  assert.equal((await client.search('Flag', of(NO_PLAN))).total, 0);
  assert.equal(await client.searchOne('Flag', of(NO_PLAN)), undefined);
});

test('walking the pages visits each flag once', async () => {
  const seen = [];
  for await (const page of client.searchResourcePages('Flag', of(TWO_AUTHORITIES, { _count: 1 }))) {
    assert.equal(page.length, 1);
    seen.push(page[0].id);
  }
  assert.equal(new Set(seen).size, 2);
  assert.equal(seen.length, 2);
});

test('the authority comes along when asked for', async () => {
  const bundle = await client.search('Flag', of(ONE_PLAN, { _include: 'Flag:author' }));
  assert.deepEqual(includedKinds(bundle), ['Organization']);
});

test('a flag found by a search is read by its id, and so is what it refers to', async () => {
  const flag = await theFlag();
  assert.deepEqual(await client.readResource('Flag', flag.id), flag);
  const child = await client.readReference(flag.subject);
  assert.equal(child.identifier[0].value, ONE_PLAN);
});

test('a flag has a history, and each version of it can be read', async () => {
  const { id } = await theFlag();
  const history = await client.readHistory('Flag', id);
  assert.equal(history.type, 'history');
  const [{ resource }] = history.entry;
  assert.deepEqual(await client.readVersion('Flag', id, resource.meta.versionId), resource);
});

test('a batch is answered in its order', async () => {
  const urls = [ONE_PLAN, NO_PLAN].map((number) => `Flag?${new URLSearchParams(of(number))}`);
  const entry = [...urls, 'Flag/no-such-flag'].map((url) => ({ request: { method: 'GET', url } }));
  const answer = await client.executeBatch({ resourceType: 'Bundle', type: 'batch', entry });
  const statuses = answer.entry.map(({ response }) => response.status.slice(0, 3));
  assert.deepEqual(statuses, ['200', '200', '404']);
});

test('what is refused is refused with an outcome', async () => {
  assert.equal(await refusal(client.readResource('Flag', 'no-such-flag')), 'not-found');
  assert.equal(await refusal(client.search('Flag', of(NOT_AN_NHS_NUMBER))), 'value');
  const other = clientWith(TOKEN_NO_ACTIVITY);
  assert.equal(await refusal(other.search('Flag', of(ONE_PLAN))), 'forbidden');
  await assert.rejects(clientWith().search('Flag', of(ONE_PLAN)), OperationOutcomeError);
});

test('what the server does not do is refused with an outcome', async () => {
  const flag = { resourceType: 'Flag', status: 'active' };
  const asked = [
    () => client.createResource(flag),
    () => client.createResourceIfNoneExist(flag, 'identifier=1'),
    () => client.updateResource({ ...flag, id: 'f1' }),
    () => client.patchResource('Flag', 'f1', [{ op: 'remove', path: '/status' }]),
    () => client.deleteResource('Flag', 'f1'),
    () => client.graphql('{ FlagList { id } }'),
  ];
  for (const ask of asked) assert.equal(await refusal(ask()), 'not-supported', `${ask}`);
});
