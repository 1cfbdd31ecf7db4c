// Reads XML resources as JSON with a reader that we did not write, FHIR.js: a JSON array of documents
// in, an array of resources out (https://github.com/lantanagroup/FHIR.js).
import { readFileSync } from 'node:fs';

import { Fhir } from 'fhir/fhir.js';

const fhir = new Fhir();
const documents = JSON.parse(readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify(documents.map((document) => fhir.xmlToObj(document))));
