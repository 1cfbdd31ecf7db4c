// Makes the request that an operation of a script describes
// (https://hl7.org/fhir/R4/testscript-definitions.html#TestScript.setup.action.operation).
import { Answer, Fixture } from './exchange.js';
import { Failed, Unknown } from './refusal.js';
import { toXml } from './xml.js';

const ANSWER_SECONDS_MAX = 30;

const METHODS = {
  capabilities: 'get', read: 'get', vread: 'get', search: 'get', history: 'get', batch: 'post',
};

// Sends the request, and keeps note of it.
export async function send(operation, script) {
  const request = {
    method: method(operation),
    url: url(operation, script),
    headers: headers(operation, script),
    body: body(operation, script),
  };
  const answer = await fetched(request);
  const { method: asked, url: to, body: posted } = request;
  script.sent.push({ method: asked, url: to, status: answer.status, bundle: bundleType(posted) });
  return answer;
}

async function fetched({ url: to, ...request }) {
  try {
    const signal = AbortSignal.timeout(ANSWER_SECONDS_MAX * 1000);
    const response = await fetch(to, { ...request, redirect: 'manual', signal });
    return new Answer(response.status, response.headers, await response.text());
  } catch (error) {
    throw new Failed(`no answer: ${error.cause?.message ?? error.message}`);
  }
}

function method(operation) {
  const code = operation.type?.code;
  const chosen = operation.method ?? METHODS[code];
  if (!chosen) throw new Unknown(`this runner does not know the method of the operation ${code}`);
  return chosen.toUpperCase();
}

function url(operation, script) {
  const { params = '', resource, type } = operation;
  const isPlain = operation.url === undefined;
  const rest = type?.code === 'capabilities' && params === '' ? '/metadata' : params;
  const text = isPlain ? `${resource ? `/${resource}` : ''}${rest}` : operation.url;
  const filled = script.variables.fill(text);
  const whole = isPlain ? script.base + filled : filled;
  // What has been encoded already is sent as it is.
  return operation.encodeRequestUrl ? encodeURI(whole) : whole;
}

function headers(operation, script) {
  const all = new Headers();
  if (operation.accept) all.set('Accept', operation.accept);
  if (operation.contentType) all.set('Content-Type', operation.contentType);
  for (const { field, value } of operation.requestHeader ?? []) {
    all.append(field, script.variables.fill(value));
  }
  return all;
}

function body(operation, script) {
  if (!operation.sourceId) return undefined;
  const source = script.exchanges.get(operation.sourceId);
  const { resource } = source ?? {};
  if (!resource) throw new Failed(`there is no fixture ${operation.sourceId}`);
  const type = operation.contentType ?? '';
  // A Binary is sent in its native form (https://hl7.org/fhir/R4/http.html#binary).
  if (resource.resourceType === 'Binary' && resource.contentType === type) {
    return Buffer.from(resource.data, 'base64');
  }
  // The id of a contained resource is the script's own; what was answered has its id for good.
  const { id, ...plain } = resource;
  const sent = source instanceof Fixture ? plain : resource;
  const written = /[+/]xml$/.test(type) ? toXml(sent) : JSON.stringify(sent);
  return script.variables.fill(written);
}

// Of which type the Bundle is that is sent, where one is.
function bundleType(sent) {
  try {
    const { resourceType, type } = JSON.parse(sent);
    return resourceType === 'Bundle' ? type : undefined;
  } catch {
    return undefined;
  }
}
