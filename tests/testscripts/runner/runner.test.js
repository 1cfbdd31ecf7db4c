// The runner judges: what holds passes, what does not hold fails, and what it does not know is
// refused. It is tried on scripts made here, against a server that answers always the same.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import test, { after, before } from 'node:test';

import { claims, untouched } from './coverage.js';
import { run } from './script.js';
import { Validity } from './validity.js';
import { fromXml, toXml } from './xml.js';

const FLAG = {
  resourceType: 'Flag', id: 'f1', meta: { versionId: '3' }, status: 'active',
  code: { text: 'A warning' }, subject: { reference: 'Patient/p1' },
};
const withoutStatus = ({ status, ...rest }) => rest;
const withoutMeta = ({ meta, ...rest }) => rest;
const BUNDLE = { resourceType: 'Bundle', type: 'searchset', total: 1, entry: [{ resource: FLAG }] };
const CODES = 'http://terminology.hl7.org/CodeSystem/testscript-operation-codes';

const validity = new Validity();
const asked = [];
const server = createServer((request, response) => {
  const body = [];
  request.on('data', (part) => body.push(part));
  request.on('end', () => {
    const { method, url, headers } = request;
    asked.push({ method, url, headers, body: Buffer.concat(body).toString() });
    const isXml = headers.accept === 'application/fhir+xml';
    response.setHeader('Content-Type', `application/fhir+${isXml ? 'xml' : 'json'}; charset=utf-8`);
    response.setHeader('ETag', 'W/"3"');
    const resource = url.startsWith('/Flag?') ? BUNDLE : FLAG;
    response.end(isXml ? toXml(resource) : JSON.stringify(resource));
  });
});
let base;

before(() => new Promise((resolve) => {
  server.listen(0, '127.0.0.1', () => {
    base = `http://127.0.0.1:${server.address().port}`;
    resolve();
  });
}));
after(() => server.close());

const operation = (more) => ({
  operation: { type: { system: CODES, code: 'read' }, encodeRequestUrl: true, ...more },
});
const read = operation({ resource: 'Flag', params: '/f1', responseId: 'flag' });
const holds = (more) => ({ assert: { warningOnly: false, ...more } });

const script = (actions, more = {}) => ({
  resourceType: 'TestScript', url: 'http://example.org/TestScript/tried', name: 'Tried',
  status: 'draft', ...more, test: [{ name: 'tried', action: actions }],
});

async function failureOf(tried, given = {}) {
  const { tests } = await run(tried, { base, given, validity });
  assert.equal(tests.length, 1);
  return tests[0].failure;
}

// Every assertion with a value of its own that holds, and with one that does not.
const JUDGED = [
  [{ response: 'okay' }, { response: 'notFound' }],
  [{ responseCode: '200' }, { responseCode: '404' }],
  [{ responseCode: '200,201', operator: 'in' }, { responseCode: '401,403', operator: 'in' }],
  [{ responseCode: '404', operator: 'notEquals' }, { responseCode: '200', operator: 'notEquals' }],
  [{ contentType: 'application/fhir+json' }, { contentType: 'application/fhir+xml' }],
  [{ resource: 'Flag' }, { resource: 'Bundle' }],
  [{ headerField: 'ETag', value: 'W/"3"' }, { headerField: 'ETag', value: 'W/"4"' }],
  [{ headerField: 'ETag', operator: 'notEmpty' }, { headerField: 'ETag', operator: 'empty' }],
  [{ headerField: 'Location', operator: 'empty' }, { headerField: 'Location', value: 'x' }],
  [{ expression: 'Flag.id', value: 'f1' }, { expression: 'Flag.id', value: 'f2' }],
  [{ expression: 'Flag.id.exists()', value: 'true' }, { expression: '1 = 2', value: 'true' }],
  [{ expression: 'Flag.id', operator: 'contains', value: 'f' },
    { expression: 'Flag.id', operator: 'notContains', value: 'f' }],
  [{ expression: '2 + 1', operator: 'greaterThan', value: '2' },
    { expression: '2 + 1', operator: 'lessThan', value: '3' }],
  [{ expression: 'Flag.period', operator: 'empty' }, { expression: 'Flag.period', value: 'x' }],
  [{ expression: 'Flag.id', operator: 'notIn', value: 'a, b' },
    { expression: 'Flag.period', operator: 'notEquals', value: '1' }],
  [{ expression: 'Flag.id', compareToSourceId: 'flag', compareToSourceExpression: 'Flag.id' },
    { expression: 'Flag.id', compareToSourceId: 'flag', compareToSourceExpression: 'Flag.status' }],
  [{ expression: 'Flag.id', value: '${known}' }, { expression: 'Flag.id', value: '${other}' }],
];

const VARIABLES = [
  { name: 'known', expression: 'Flag.id', sourceId: 'flag' },
  { name: 'other', defaultValue: 'f2' },
  { name: 'two', expression: 'Flag.descendants()', sourceId: 'flag' },
  { name: 'etag', headerField: 'ETag', sourceId: 'flag' },
  { name: 'late', expression: 'Flag.id', sourceId: 'nothing' },
];

test('an assertion that holds passes and one that does not hold fails', async () => {
  for (const [good, bad] of JUDGED) {
    const more = { variable: VARIABLES };
    const said = JSON.stringify(good);
    assert.equal(await failureOf(script([read, holds(good)], more)), undefined, said);
    assert.match(await failureOf(script([read, holds(bad)], more)), /^action 2: /, said);
  }
});

test('an assertion before any request fails', async () => {
  assert.match(await failureOf(script([holds({ response: 'okay' })])), /nothing to look at/);
});

test('a FHIRPath that cannot be read fails', async () => {
  const failure = await failureOf(script([read, holds({ expression: 'Flag.(', value: 'x' })]));
  assert.match(failure, /FHIRPath/);
});

test('a resource is valid against its base profile, or the test fails', async () => {
  const profiles = (kind) => ({
    profile: [{ id: 'base', reference: `http://hl7.org/fhir/StructureDefinition/${kind}` }],
  });
  const validated = [read, holds({ validateProfileId: 'base' })];
  assert.equal(await failureOf(script(validated, profiles('Flag'))), undefined);
  assert.match(await failureOf(script(validated, profiles('Patient'))), /no Patient/);
  assert.match(await failureOf(script(validated, profiles('Nothing'))), /not know the profile/);
  assert.match(await failureOf(script(validated)), /no profile base/);
  const profile = 'http://hl7.org/fhir/StructureDefinition/';
  assert.throws(() => validity.demand(withoutStatus(FLAG), `${profile}Flag`), /Flag.status/);
  assert.throws(() => validity.demand({ ...FLAG, colour: 'red' }, `${profile}Flag`), /colour|prop/);
  // An invariant: a total is only of searches and histories.
  assert.throws(() => validity.demand({ ...BUNDLE, type: 'batch' }, `${profile}Bundle`), /bdl-1/);
});

test('variables are filled in, and a variable that is not one value fails', async () => {
  const ask = (field) => [read, operation({
    resource: 'Flag', params: '/${known}', method: 'put', sourceId: 'sent',
    contentType: 'application/fhir+json', requestHeader: [{ field: 'X-Tried', value: field }],
  })];
  const more = {
    variable: VARIABLES,
    contained: [withoutMeta({ ...FLAG, id: 'sent' })],
    fixture: [{
      id: 'sent', autocreate: false, autodelete: false, resource: { reference: '#sent' },
    }],
  };
  assert.equal(await failureOf(script(ask('${etag} ${other}'), more), { other: 'own' }), undefined);
  const { method, url, headers, body } = asked.at(-1);
  assert.deepEqual([method, url, headers['x-tried']], ['PUT', '/Flag/f1', 'W/"3" own']);
  assert.equal(JSON.parse(body).status, 'active');
  assert.match(await failureOf(script(ask('${two}'), more)), /values and not one/);
  assert.match(await failureOf(script(ask('${late}'), more)), /no nothing yet/);
  assert.match(await failureOf(script(ask('${undeclared}'), more)), /is declared/);
});

test('an address is encoded where that is wanted and sent as it is where not', async () => {
  const search = (encodeRequestUrl, params) => script([operation({
    type: { system: CODES, code: 'search' }, resource: 'Flag', params, encodeRequestUrl,
  })]);
  await failureOf(search(true, '?a=b|c d'));
  assert.equal(asked.at(-1).url, '/Flag?a=b%7Cc%20d');
  await failureOf(search(false, '?a=b%7Cc'));
  assert.equal(asked.at(-1).url, '/Flag?a=b%7Cc');
});

test('an answer in XML is judged as one in JSON', async () => {
  const inXml = operation({ resource: 'Flag', params: '?x=1', accept: 'application/fhir+xml' });
  const actions = (value) => [inXml, holds({ expression: 'Bundle.entry.resource.id', value })];
  assert.equal(await failureOf(script(actions('f1'))), undefined);
  assert.match(await failureOf(script(actions('f2'))), /found \["f1"\]/);
  const [entry] = fromXml(toXml(BUNDLE)).entry;
  assert.equal(entry.resource[0].meta[0].versionId[0], '3');
  for (const bad of ['', '<a>', '<a></b>', '<a/><b/>', '<a>x</a>', '<a>&nbsp;</a>']) {
    assert.throws(() => fromXml(bad), bad);
  }
});

test('what the runner does not know is refused and never passed over', async () => {
  const strange = [
    script([read, holds({ response: 'okay', requestURL: 'x' })]),
    script([read, holds({ minimumId: 'x' })]),
    script([read, holds({ response: 'okay', warningOnly: true })]),
    script([read, holds({ responseCode: '200', operator: 'eval' })]),
    script([read, holds({ response: 'okay', direction: 'request' })]),
    script([operation({ resource: 'Flag', targetId: 'x' })]),
    script([operation({ resource: 'Flag', params: '/f1', origin: 1 })]),
    script([operation({ type: { system: CODES, code: 'create' }, params: '', sourceId: 'x' })]),
    script([read], { copyright: 'x' }),
    script([read], {
      fixture: [{
        id: 'x', autocreate: true, autodelete: false, resource: { reference: 'http://a/b' },
      }],
    }),
  ];
  for (const each of strange) assert.match(await failureOf(each), /not know|no valid/);
});

test('a script that is no valid R4 or that tests nothing fails', async () => {
  const { url, ...nameless } = script([read]);
  assert.match(await failureOf(nameless), /no valid TestScript/);
  assert.match(await failureOf(script([{ ...read, ...holds({ response: 'okay' }) }])), /tst-2/);
  assert.match(await failureOf({ ...script([read]), test: [] }), /no valid|tests nothing/);
  const { test: tests, ...empty } = script([read]);
  assert.match(await failureOf(empty), /tests nothing/);
});

test('where the setup fails every test fails', async () => {
  const setup = { action: [read, holds({ response: 'gone' })] };
  assert.match(await failureOf(script([read], { setup })), /^setup: action 2/);
});

test('what is claimed and never asked for with success is told', () => {
  const statement = {
    rest: [{
      interaction: [{ code: 'batch' }],
      operation: [{ name: 'load' }],
      resource: [{
        type: 'Flag',
        interaction: ['read', 'vread', 'search-type', 'history-instance', 'history-type']
          .map((code) => ({ code })),
        operation: [{ name: 'validate' }],
        searchParam: [{ name: 'patient' }],
        searchInclude: ['Flag:author'],
      }],
    }],
  };
  const root = 'http://127.0.0.1/fhir';
  const sent = [
    ['GET', '/metadata'], ['POST', ''], ['POST', '/$load'], ['GET', '/Flag/1'],
    ['GET', '/Flag/1/_history/2'], ['GET', '/Flag/1/_history'], ['GET', '/Flag/_history?patient=1'],
    ['GET', '/Flag?patient:identifier=a&_include=Flag:author'], ['POST', '/Flag/_search'],
    ['POST', '/Flag/$validate'],
  ].map(([method, path]) => ({ method, url: root + path, status: 200 }));
  assert.deepEqual(untouched(statement, root, sent), []);
  for (const missing of sent) {
    const others = sent.filter((each) => each !== missing);
    const failed = [...others, { ...missing, status: 404 }];
    assert.notDeepEqual(untouched(statement, root, failed), [], missing.url);
  }
  assert.deepEqual(untouched(statement, root, []), claims(statement));
});
