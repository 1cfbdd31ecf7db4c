// The SMART client from npm does with the running server what an app inside a record system does:
// https://github.com/smart-on-fhir/client-js. Started by scripts/test-clients, which sets BASE_URL,
// TOKEN and TOKEN_NO_ACTIVITY.
import assert from 'node:assert/strict';
import test from 'node:test';

import smart from 'fhirclient';

import {
  CHILD_PROTECTION_PLAN, NO_PLAN, NOT_AN_NHS_NUMBER, ONE_PLAN, SNOMED, TWO_AUTHORITIES,
  includedKinds, matches, of,
} from './children.js';

const { BASE_URL, TOKEN, TOKEN_NO_ACTIVITY } = process.env;

// Where the client would keep what it learns when it signs in, which it does not do here.
const storage = { get: async () => undefined, set: async () => undefined, unset: async () => true };

const clientWith = (token) =>
  smart({ headers: {}, url: '/' }, {}, storage)
    .client({ serverUrl: BASE_URL, tokenResponse: token ? { access_token: token } : {} });
const client = clientWith(TOKEN);

const query = (nhsNumber, more) => new URLSearchParams(of(nhsNumber, more));
const flags = (nhsNumber, more) => `Flag?${query(nhsNumber, more)}`;

const planCode = (flag) => client.getPath(flag, 'code.coding.0.code');

// The response to a request that must be refused, its body checked for an OperationOutcome.
async function refusal(request) {
  const error = await request.then(() => assert.fail('the request was not refused'), (e) => e);
  assert.ok(error.status, `no response: ${error.message}`);
  // The client has read the body, and keeps it in the message.
  const outcome = JSON.parse(error.message.slice(error.message.indexOf('{')));
  assert.equal(outcome.resourceType, 'OperationOutcome');
  assert.ok(['error', 'fatal'].includes(outcome.issue[0].severity));
  return { status: error.status, code: outcome.issue[0].details.coding[0].code };
}

test('the capability statement says which FHIR this is', async () => {
  assert.equal(await client.getFhirVersion(), '4.0.1');
  assert.equal(await client.getFhirRelease(), 4);
  const statement = await client.request('metadata');
  const [server] = statement.rest;
  assert.ok(server.resource.some(({ type }) => type === 'Flag'));
});

test('a search by NHS number finds the flag of the child it names', async () => {
  const bundle = await client.request(flags(ONE_PLAN));
  assert.equal(bundle.total, 1);
  const [flag] = matches(bundle);
  assert.equal(planCode(flag), CHILD_PROTECTION_PLAN);
  assert.equal(flag.code.coding[0].system, SNOMED);
});

test('a child without a plan is an empty searchset and not an error', async () => {
  const bundle = await client.request(flags(NO_PLAN));
  assert.equal(bundle.total, 0);
  assert.deepEqual(matches(bundle), []);
});

test('a search posted as a form finds what the same search finds by URL', async () => {
  const got = await client.request(flags(TWO_AUTHORITIES));
  const posted = await client.request({
    url: 'Flag/_search',
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: query(TWO_AUTHORITIES).toString(),
  });
  assert.deepEqual(matches(posted), matches(got));
});

test('all the pages of a search hold each flag once', async () => {
  const pages = await client.request(flags(TWO_AUTHORITIES, { _count: 1 }), { pageLimit: 0 });
  assert.equal(pages.length, 2);
  const seen = pages.flatMap(matches).map(({ id }) => id);
  assert.equal(new Set(seen).size, 2);
  const url = flags(TWO_AUTHORITIES, { _count: 1 });
  const flat = await client.request(url, { pageLimit: 0, flat: true });
  assert.deepEqual(flat.map(({ id }) => id).sort(), seen.sort());
  const one = await client.request(url, { pageLimit: 1, flat: true });
  assert.equal(one.length, 1);
});

test('pages and resources are walked one after the other', async () => {
  const walked = [];
  for await (const page of client.pages(flags(TWO_AUTHORITIES, { _count: 1 }))) {
    assert.equal(page.total, 2);
    walked.push(...matches(page));
  }
  const resources = [];
  for await (const resource of client.resources(flags(TWO_AUTHORITIES, { _count: 1 }))) {
    resources.push(resource);
  }
  assert.deepEqual(resources.map(({ id }) => id), walked.map(({ id }) => id));
});

test('the authority and the child come along when asked for', async () => {
  const includes = '_include=Flag:author&_include=Flag:patient';
  const bundle = await client.request(`${flags(ONE_PLAN)}&${includes}`);
  assert.deepEqual(includedKinds(bundle), ['Organization', 'Patient']);
});

test('references are resolved by reading what they name', async () => {
  const [{ id }] = matches(await client.request(flags(ONE_PLAN)));
  const flag = await client.request(`Flag/${id}`, { resolveReferences: ['subject', 'author'] });
  assert.equal(flag.subject.identifier[0].value, ONE_PLAN);
  assert.equal(flag.subject.resourceType, 'Patient');
  assert.ok(flag.author.telecom[0].value);
  const found = await client.request(flags(ONE_PLAN), {
    graph: false, resolveReferences: ['author'],
  });
  const [[reference, author]] = Object.entries(found.references);
  assert.equal(reference, matches(found.data)[0].author.reference);
  assert.equal(author.resourceType, 'Organization');
});

test('a flag has a history, and each version of it can be read', async () => {
  const [{ id }] = matches(await client.request(flags(ONE_PLAN)));
  const history = await client.request(`Flag/${id}/_history`);
  assert.equal(history.type, 'history');
  const [{ resource }] = history.entry;
  const version = await client.request(`Flag/${id}/_history/${resource.meta.versionId}`);
  assert.deepEqual(version, resource);
});

test('a batch is answered in its order', async () => {
  const urls = [flags(ONE_PLAN), flags(NO_PLAN), 'Flag/no-such-flag'];
  const entry = urls.map((url) => ({ request: { method: 'GET', url } }));
  const answer = await client.request({
    url: '/', method: 'POST', headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ resourceType: 'Bundle', type: 'batch', entry }),
  });
  assert.equal(answer.type, 'batch-response');
  const statuses = answer.entry.map(({ response }) => response.status.slice(0, 3));
  assert.deepEqual(statuses, ['200', '200', '404']);
  assert.deepEqual(answer.entry.slice(0, 2).map(({ resource }) => resource.total), [1, 0]);
});

test('what is refused is refused with an outcome', async () => {
  const read = (id) => client.request(`Flag/${id}`);
  assert.deepEqual(
    await refusal(read('no-such-flag')),
    { status: 404, code: 'RESOURCE_NOT_FOUND' },
  );
  assert.deepEqual(
    await refusal(client.request(flags(NOT_AN_NHS_NUMBER))),
    { status: 400, code: 'INVALID_SEARCH_DATA' },
  );
  assert.deepEqual(
    await refusal(clientWith(TOKEN_NO_ACTIVITY).request(flags(ONE_PLAN))),
    { status: 403, code: 'ACCESS_DENIED' },
  );
});

test('nothing is written', async () => {
  const flag = { resourceType: 'Flag', status: 'active' };
  const writes = [
    () => client.create(flag),
    () => client.update({ ...flag, id: 'f1' }),
    () => client.patch('Flag/f1', [{ op: 'remove', path: '/status' }]),
    () => client.delete('Flag/f1'),
  ];
  for (const write of writes) assert.equal((await refusal(write())).status, 405);
});

test('a caller without a token is told to bring one', async () => {
  const error = await clientWith().request(flags(ONE_PLAN)).then(() => assert.fail(), (e) => e);
  assert.match(error.message, /unauthorized|401|sign|expired/i);
});
