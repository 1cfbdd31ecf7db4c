// A FHIR client from npm does with the running server what a hospital system does:
// https://github.com/Vermonster/fhir-kit-client. Started by scripts/test-clients, which sets
// BASE_URL, TOKEN and TOKEN_NO_ACTIVITY.
import assert from 'node:assert/strict';
import test from 'node:test';

import { Client } from 'fhir-kit-client';

const NHS_NUMBER = 'https://fhir.nhs.uk/Id/nhs-number';
const SNOMED = 'http://snomed.info/sct';
const CHILD_PROTECTION_PLAN = '342191000000101';
const UNBORN_CHILD_PROTECTION_PLAN = '818901000000100';

// The sandbox's children, by what they are for.
const ONE_PLAN = '9990000026';
const TWO_PLANS = '9990000042';
const NO_PLAN = '9990000018';
const NOT_AN_NHS_NUMBER = '9990000019';

// More pages than any of the sandbox's searches has: a next link must not lead in a circle.
const PAGES_MAX = 10;

const { BASE_URL, TOKEN, TOKEN_NO_ACTIVITY } = process.env;
const client = new Client({ baseUrl: BASE_URL, bearerToken: TOKEN });

const of = (nhsNumber) => ({ 'patient:identifier': `${NHS_NUMBER}|${nhsNumber}` });

const searchFlags = (nhsNumber, more = {}, options = {}) =>
  client.search({ resourceType: 'Flag', searchParams: { ...of(nhsNumber), ...more }, options });

const matches = (bundle) =>
  (bundle.entry ?? []).filter((entry) => entry.search.mode === 'match').map((e) => e.resource);

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
