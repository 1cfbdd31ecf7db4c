// A FHIR client from npm does with the running server what a hospital system does:
// https://github.com/Vermonster/fhir-kit-client. Started by scripts/test-clients, which sets
// BASE_URL, TOKEN and TOKEN_NO_ACTIVITY.
import assert from 'node:assert/strict';
import test from 'node:test';

import { Client } from 'fhir-kit-client';

import {
  CHILD_PROTECTION_PLAN, NHS_NUMBER, NO_PLAN, NOT_AN_NHS_NUMBER, ONE_PLAN, SNOMED, TWO_PLANS,
  UNBORN_CHILD_PROTECTION_PLAN, includedKinds, matches, of,
} from './children.js';

// More pages than any of the sandbox's searches has: a next link must not lead in a circle.
const PAGES_MAX = 10;

const { BASE_URL, TOKEN, TOKEN_NO_ACTIVITY } = process.env;
const client = new Client({ baseUrl: BASE_URL, bearerToken: TOKEN });

const searchFlags = (nhsNumber, more = {}, options = {}) =>
  client.search({ resourceType: 'Flag', searchParams: { ...of(nhsNumber), ...more }, options });

const ids = (bundle) => matches(bundle).map((resource) => resource.id).sort();

const planCode = (flag) => flag.code.coding.find((coding) => coding.system === SNOMED)?.code;

// The response to a request that must be refused, its body checked for an OperationOutcome.
async function refusal(request) {
  try {
    await request;
  } catch (error) {
    assert.ok(error.response, `no response: ${error.message}`);
    assert.equal(error.response.data.resourceType, 'OperationOutcome');
    assert.ok(['error', 'fatal'].includes(error.response.data.issue[0].severity));
    return error.response;
  }
  return assert.fail('the request was not refused');
}

const detailCodes = ({ data }) =>
  data.issue.flatMap((issue) => issue.details?.coding ?? []).map((coding) => coding.code);

test('the capability statement says that flags can be searched', async () => {
  const statement = await client.capabilityStatement();
  assert.equal(statement.resourceType, 'CapabilityStatement');
  assert.equal(statement.fhirVersion, '4.0.1');
  const flag = statement.rest[0].resource.find((resource) => resource.type === 'Flag');
  assert.ok(flag.interaction.some((interaction) => interaction.code === 'search-type'));
  assert.ok(flag.searchParam.some((parameter) => parameter.name.startsWith('patient')));
});

test('a search by NHS number finds the flag of the child it names', async () => {
  const bundle = await searchFlags(ONE_PLAN);
  assert.equal(bundle.type, 'searchset');
  assert.equal(bundle.total, 1);
  const [flag, ...others] = matches(bundle);
  assert.deepEqual(others, []);
  assert.equal(flag.resourceType, 'Flag');
  assert.equal(planCode(flag), CHILD_PROTECTION_PLAN);
  assert.equal(flag.subject.identifier.system, NHS_NUMBER);
  assert.equal(flag.subject.identifier.value, ONE_PLAN);
  assert.ok(flag.period.start && flag.period.end);
  assert.ok(flag.author.display, 'a reader of the flag alone sees no local authority');
});

test('a search posted as a form finds what the same search finds by URL', async () => {
  const got = await searchFlags(TWO_PLANS);
  const posted = await searchFlags(TWO_PLANS, {}, { postSearch: true });
  assert.equal(posted.total, got.total);
  assert.deepEqual(ids(posted), ids(got));
});

test('a search chained through the patient finds what a search by identifier finds', async () => {
  const direct = await searchFlags(TWO_PLANS);
  const searchParams = { 'patient.identifier': `${NHS_NUMBER}|${TWO_PLANS}` };
  const chained = await client.search({ resourceType: 'Flag', searchParams });
  assert.deepEqual(ids(chained), ids(direct));
});

test('following the next links visits each flag once', async () => {
  const seen = [];
  let pages = 0;
  for (let page = await searchFlags(TWO_PLANS, { _count: 1 }); page; pages += 1) {
    assert.ok(pages < PAGES_MAX, 'the next links do not end');
    assert.equal(page.total, 2);
    assert.ok(matches(page).length <= 1);
    seen.push(...matches(page));
    page = await client.nextPage({ bundle: page });
  }
  assert.equal(new Set(seen.map((flag) => flag.id)).size, 2);
  assert.equal(seen.length, 2);
  assert.deepEqual(
    seen.map(planCode).sort(),
    [CHILD_PROTECTION_PLAN, UNBORN_CHILD_PROTECTION_PLAN].sort(),
  );
});

test('a child without a plan is an empty searchset and not an error', async () => {
  const bundle = await searchFlags(NO_PLAN);
  assert.equal(bundle.resourceType, 'Bundle');
  assert.equal(bundle.total, 0);
  assert.deepEqual(matches(bundle), []);
});

test('a flag found by a search is read by its id, and so is its patient', async () => {
  const [found] = matches(await searchFlags(ONE_PLAN));
  const read = await client.read({ resourceType: 'Flag', id: found.id });
  assert.equal(read.resourceType, 'Flag');
  assert.equal(read.id, found.id);
  assert.equal(planCode(read), planCode(found));
  const patient = await client.resolve({ reference: read.subject.reference });
  assert.equal(patient.resourceType, 'Patient');
  const numbers = patient.identifier.filter((identifier) => identifier.system === NHS_NUMBER);
  assert.deepEqual(numbers.map((identifier) => identifier.value), [ONE_PLAN]);
});

test('the authority and the child come along when asked for', async () => {
  const bundle = await searchFlags(ONE_PLAN, { _include: ['Flag:author', 'Flag:patient'] });
  assert.deepEqual(includedKinds(bundle), ['Organization', 'Patient']);
});

test('a flag has a history, and each version of it can be read', async () => {
  const [{ id }] = matches(await searchFlags(ONE_PLAN));
  const history = await client.resourceHistory({ resourceType: 'Flag', id });
  assert.equal(history.type, 'history');
  const [{ resource }] = history.entry;
  const version = resource.meta.versionId;
  assert.deepEqual(await client.vread({ resourceType: 'Flag', id, version }), resource);
  const missing = await refusal(client.vread({ resourceType: 'Flag', id, version: '99-99' }));
  assert.equal(missing.status, 404);
});

test('a history across children is refused', async () => {
  const refused = await refusal(client.typeHistory({ resourceType: 'Flag' }));
  assert.equal(refused.status, 400);
  assert.equal((await refusal(client.systemHistory())).status, 404);
});

test('the compartment of a child holds the flags of the child', async () => {
  const [{ subject }] = matches(await searchFlags(ONE_PLAN));
  const [resourceType, id] = subject.reference.split('/');
  const compartment = { resourceType, id };
  const bundle = await client.search({ resourceType: 'Flag', compartment });
  assert.deepEqual(ids(bundle), ids(await searchFlags(ONE_PLAN)));
});

test('a batch is answered in its order', async () => {
  const urls = [ONE_PLAN, NO_PLAN].map((number) => `Flag?${new URLSearchParams(of(number))}`);
  const entry = [...urls, 'Flag/no-such-flag'].map((url) => ({ request: { method: 'GET', url } }));
  const answer = await client.batch({ body: { resourceType: 'Bundle', type: 'batch', entry } });
  const statuses = answer.entry.map(({ response }) => response.status.slice(0, 3));
  assert.deepEqual(statuses, ['200', '200', '404']);
  assert.deepEqual(answer.entry.slice(0, 2).map(({ resource }) => resource.total), [1, 0]);
});

test('a transaction and every write are refused', async () => {
  const transaction = { resourceType: 'Bundle', type: 'transaction', entry: [] };
  assert.equal((await refusal(client.transaction({ body: transaction }))).status, 400);
  const flag = { resourceType: 'Flag', id: 'f1', status: 'active' };
  const writes = [
    () => client.create({ resourceType: 'Flag', body: flag }),
    () => client.update({ resourceType: 'Flag', id: 'f1', body: flag }),
    () => client.patch({
      resourceType: 'Flag', id: 'f1', JSONPatch: [{ op: 'remove', path: '/status' }],
    }),
    () => client.delete({ resourceType: 'Flag', id: 'f1' }),
  ];
  for (const write of writes) assert.equal((await refusal(write())).status, 405);
});

test('where a token is had is known, and no page to sign in on is claimed', async () => {
  const { tokenUrl, authorizeUrl, registerUrl } = await client.smartAuthMetadata();
  assert.equal(String(tokenUrl), new URL('/oauth2/token', BASE_URL).href);
  assert.equal(authorizeUrl, undefined);
  assert.equal(registerUrl, undefined);
});

test('a search of flags leaves an access in the history of the child', async () => {
  await searchFlags(ONE_PLAN);
  const history = await client.search({ resourceType: 'AuditEvent', searchParams: of(ONE_PLAN) });
  assert.ok(history.total >= 1);
  const [access] = matches(history);
  assert.equal(access.resourceType, 'AuditEvent');
  const looked = access.entity.map((entity) => entity.what?.identifier?.value);
  assert.ok(looked.includes(ONE_PLAN), 'the access does not name the child');
});

test('an NHS number with a wrong check digit is refused as one', async () => {
  const refused = await refusal(searchFlags(NOT_AN_NHS_NUMBER));
  assert.equal(refused.status, 400);
  assert.ok(detailCodes(refused).includes('INVALID_SEARCH_DATA'));
});

test('a flag that is not there is not found', async () => {
  const idsOfNone = ['01890000-0000-7000-8000-000000000000', 'no-such-flag'];
  for (const id of idsOfNone) {
    const refused = await refusal(client.read({ resourceType: 'Flag', id }));
    assert.equal(refused.status, 404);
  }
});

test('a caller whose role allows no access to plans is refused', async () => {
  const other = new Client({ baseUrl: BASE_URL, bearerToken: TOKEN_NO_ACTIVITY });
  const refused = await refusal(other.search({ resourceType: 'Flag', searchParams: of(ONE_PLAN) }));
  assert.equal(refused.status, 403);
});

test('a caller without a token is told to bring one', async () => {
  const other = new Client({ baseUrl: BASE_URL });
  const refused = await refusal(other.search({ resourceType: 'Flag', searchParams: of(ONE_PLAN) }));
  assert.equal(refused.status, 401);
});
