// FHIR resources as XML (https://hl7.org/fhir/R4/xml.html): as much of it as test scripts need.
// What it does not know it refuses.

const MARKUP = /<(?:\?[^>]*\?|(\/)?([A-Za-z]\w*)((?:\s+[\w:]+="[^"]*")*)\s*(\/)?)>/g;
const ATTRIBUTE = /([\w:]+)="([^"]*)"/g;
const SIGNS = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const decoded = (text) =>
  text.replace(/&(#x[0-9a-fA-F]+|#\d+|\w+);/g, (whole, name) => {
    if (name.startsWith('#x')) return String.fromCodePoint(parseInt(name.slice(2), 16));
    if (name.startsWith('#')) return String.fromCodePoint(Number(name.slice(1)));
    if (!(name in SIGNS)) throw new Error(`the entity ${whole}`);
    return SIGNS[name];
  });

const encoded = (text) =>
  text.replace(/[&<>"']/g, (sign) => `&#${sign.codePointAt(0)};`);

// A resource read from XML: every element a list, every value a text, and no narrative.
export function fromXml(text) {
  const document = { name: '', element: {} };
  const open = [document];
  let from = 0;
  for (const match of text.replace(/<div [\s\S]*?<\/div>/g, '').matchAll(MARKUP)) {
    const between = match.input.slice(from, match.index);
    from = match.index + match[0].length;
    if (between.trim() !== '') throw new Error('text between elements');
    const [, isEnd, name, attributes, isEmpty] = match;
    if (name === undefined) continue;
    if (!isEnd) open.push(started(name, attributes));
    if (isEnd || isEmpty) close(open, name);
  }
  const roots = Object.values(document.element).flat();
  if (open.length !== 1 || roots.length !== 1) throw new Error('no whole document');
  return roots[0];
}

function started(name, attributes) {
  const element = /^[A-Z]/.test(name) ? { resourceType: name } : {};
  let value;
  for (const [, attribute, written] of attributes.matchAll(ATTRIBUTE)) {
    if (attribute === 'value') value = decoded(written);
    else if (attribute !== 'xmlns') element[attribute] = decoded(written);
  }
  return { name, element, value };
}

function close(open, name) {
  const { name: opened, element, value } = open.pop();
  if (opened !== name) throw new Error(`</${name}> after <${opened}>`);
  if (value !== undefined && Object.keys(element).length > 0) throw new Error(`more in ${name}`);
  const parent = open.at(-1);
  // A resource within another is what the element around it is.
  if (/^[A-Z]/.test(name) && parent.name !== '') parent.element = element;
  else (parent.element[name] ??= []).push(value ?? element);
}

// A resource written as XML. Its elements stand in the order in which the object has them.
export function toXml(resource) {
  return element(resource.resourceType, resource, ' xmlns="http://hl7.org/fhir"');
}

function element(name, value, attributes = '') {
  if (Array.isArray(value)) return value.map((item) => element(name, item)).join('');
  if (typeof value !== 'object') return `<${name} value="${encoded(String(value))}"/>`;
  const children = Object.entries(value).filter(([child]) => child !== 'resourceType');
  const strange = children.find(([child]) => /^_|^div$|^extension$/.test(child));
  if (strange) throw new Error(`${name}.${strange[0]} cannot be written as XML here`);
  const inner = children.map(([child, each]) => element(child, each)).join('');
  const isContained = value.resourceType && value.resourceType !== name;
  const written = isContained ? element(value.resourceType, value) : inner;
  return `<${name}${attributes}>${written}</${name}>`;
}
