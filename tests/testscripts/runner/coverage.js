// Whether scripts ask for all that a server claims: each interaction, operation, search parameter
// and include of its CapabilityStatement, at least once with success.

// What is claimed and was never asked for with success, each in words.
export function untouched(statement, base, sent) {
  const done = new Set(sent
    .filter(({ status, url }) => (status < 300 || status === 304) && url.startsWith(base))
    .flatMap(({ method, url, bundle }) => touched(method, url.slice(base.length), bundle)));
  return claims(statement).filter((claim) => !done.has(claim));
}

// All that a CapabilityStatement claims.
export function claims(statement) {
  return statement.rest.flatMap((rest) => [
    'capabilities',
    ...codes(rest.interaction),
    ...(rest.operation ?? []).map(({ name }) => `$${name}`),
    ...(rest.resource ?? []).flatMap(ofResource),
  ]);
}

const codes = (interactions = []) => interactions.map(({ code }) => code);

function ofResource({ type, interaction, operation, ...resource }) {
  const searches = codes(interaction).includes('search-type');
  return [
    ...codes(interaction).map((code) => `${code} ${type}`),
    ...(searches ? [`search-type ${type} by POST`] : []),
    ...(operation ?? []).map(({ name }) => `$${name} ${type}`),
    ...(resource.searchParam ?? []).map(({ name }) => `${name} of ${type}`),
    ...(resource.searchInclude ?? []).map((value) => `_include=${value} of ${type}`),
    ...(resource.searchRevInclude ?? []).map((value) => `_revinclude=${value} of ${type}`),
  ];
}

// What a request that was answered with success touched of what can be claimed.
function touched(method, pathAndQuery, bundle = 'batch') {
  const { pathname, searchParams } = new URL(`http://base${pathAndQuery || '/'}`);
  const parts = pathname.split('/').filter((part) => part !== '');
  const named = parts.find((part) => part.startsWith('$'));
  if (named) {
    // Claimed for the whole system under its name alone, and for a type with the type behind it.
    return [parts.length > 1 ? `${named} ${parts[0]}` : named];
  }
  const [type, id, history, version] = parts;
  if (method === 'POST') {
    if (id === '_search') return [`search-type ${type} by POST`, ...searched(type, searchParams)];
    return type ? [`create ${type}`] : [bundle];
  }
  // A conditional one is found by the parameters of a search.
  if (method === 'PUT') return [`update ${type}`, ...parametersOf(type, searchParams)];
  if (method === 'DELETE') return [`delete ${type}`, ...parametersOf(type, searchParams)];
  if (method !== 'GET') return [];
  if (type === 'metadata') return ['capabilities'];
  if (id === '_history') return [`history-type ${type}`];
  if (version) return [`vread ${type}`];
  if (history === '_history') return [`history-instance ${type}`];
  // A compartment's search is a search of the type that it ends with.
  if (history) return searched(history, searchParams);
  return id ? [`read ${type}`] : searched(type, searchParams);
}

function searched(type, parameters) {
  return [`search-type ${type}`, ...parametersOf(type, parameters)];
}

function parametersOf(type, parameters) {
  return [...parameters].map(([name, value]) =>
    (/^_(rev)?include/.test(name)
      ? `${name.split(':')[0]}=${value} of ${type}`
      : `${name.split(/[:.]/)[0]} of ${type}`));
}
