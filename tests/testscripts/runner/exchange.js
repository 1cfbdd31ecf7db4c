// What was answered to a request, and what can be asked of it: by name of a header, or by FHIRPath
// (https://hl7.org/fhirpath/N1/) in its body.
import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4/index.js';

import { Failed } from './refusal.js';
import { fromXml } from './xml.js';

// Nothing is traced, and no reference is followed: what cannot be resolved is as good as not there.
const OPTIONS = {
  traceFn: () => {},
  userInvocationTable: { resolve: { fn: () => [], arity: { 0: [] } } },
};

// What a FHIRPath finds in a resource, each item as text.
export function evaluate(resource, expression) {
  try {
    const found = fhirpath.evaluate(resource, expression, { resource }, r4, OPTIONS);
    return found.map((item) => (typeof item === 'object' ? JSON.stringify(item) : String(item)));
  } catch (error) {
    throw new Failed(`FHIRPath ${expression}: ${error.message}`);
  }
}

export class Answer {
  constructor(status, headers, text) {
    this.status = status;
    this.headers = headers;
    this.text = text;
  }

  // The media type, without what says how it is written.
  get mediaType() {
    return (this.headers.get('content-type') ?? '').split(';')[0].trim().toLowerCase();
  }

  get isXml() {
    return /[+/]xml$/.test(this.mediaType);
  }

  get resource() {
    if (this.text === '') throw new Failed('the answer has no body');
    try {
      return this.isXml ? fromXml(this.text) : JSON.parse(this.text);
    } catch (error) {
      throw new Failed(`the answer's body cannot be read: ${error.message}`);
    }
  }

  find(expression) {
    return evaluate(this.resource, expression);
  }
}

// A resource that the script brings along.
export class Fixture {
  constructor(resource) {
    this.resource = resource;
  }

  find(expression) {
    return evaluate(this.resource, expression);
  }
}
