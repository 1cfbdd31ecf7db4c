// Runs TestScripts against a server and says in TAP (https://testanything.org) what became of each
// test: node run.js FOLDER, or node run.js FILE... for some of them.
//
// The environment names the server, BASE_URL, and a bearer token of each role, as
// scripts/with-sandbox does: TOKEN is the value of the scripts' variable clinicianToken, TOKEN_ and
// a role's name that of the role's: TOKEN_NO_ACTIVITY that of noActivityToken. The last test of a
// folder is whether its scripts ask for all that the server's CapabilityStatement claims.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';

import { untouched } from './coverage.js';
import { run } from './script.js';
import { Validity } from './validity.js';

const { BASE_URL: base, TOKEN, ...environment } = process.env;
const places = process.argv.slice(2);
if (!base || places.length === 0) {
  console.error('usage: BASE_URL=... node run.js FOLDER | FILE...');
  process.exit(2);
}
const isFolder = statSync(places[0]).isDirectory();
const inFolder = (folder) => readdirSync(folder).map((name) => join(folder, name));
const files = isFolder ? inFolder(places[0]).filter((path) => path.endsWith('.json')) : places;

const camel = (name) => name.toLowerCase().replace(/_(.)/g, (_, letter) => letter.toUpperCase());

const given = Object.fromEntries(Object.entries(environment)
  .filter(([name]) => name.startsWith('TOKEN_'))
  .map(([name, value]) => [`${camel(name.slice('TOKEN_'.length))}Token`, value]));
if (TOKEN) given.clinicianToken = TOKEN;

let count = 0;
let failed = 0;

function tell(name, failure) {
  count += 1;
  const said = name.replaceAll('#', '\\#');
  if (failure === undefined) {
    console.log(`ok ${count} - ${said}`);
    return;
  }
  failed += 1;
  console.log(`not ok ${count} - ${said}`);
  console.log(failure.replace(/^/gm, '# '));
}

async function uncovered(sent) {
  const answer = await fetch(`${base}/metadata`, { headers: { Accept: 'application/fhir+json' } });
  const missing = untouched(await answer.json(), base, sent);
  return missing.length === 0 ? undefined : `never asked for: ${missing.join(', ')}`;
}

console.log('TAP version 13');
const validity = new Validity();
const sent = [];
for (const file of files) {
  const title = basename(file, '.json');
  let script;
  try {
    script = JSON.parse(readFileSync(file));
  } catch (error) {
    tell(`${title}: the script is JSON`, error.message);
    continue;
  }
  const result = await run(script, { base, given, validity });
  for (const { name, failure } of result.tests) tell(`${title}: ${name}`, failure);
  sent.push(...result.sent);
}
if (isFolder) tell('the scripts ask for all that the server claims', await uncovered(sent));
console.log(`1..${count}`);
console.log(`# tests ${count}`);
console.log(`# pass ${count - failed}`);
console.log(`# fail ${failed}`);
process.exitCode = failed === 0 ? 0 : 1;
