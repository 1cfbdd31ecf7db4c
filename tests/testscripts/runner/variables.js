// A script's variables (https://hl7.org/fhir/R4/testscript-definitions.html#TestScript.variable):
// each is looked up when it is used, and is exactly one value.
import { Failed } from './refusal.js';

export class Variables {
  // `given` are the values that whoever runs the scripts gives for variables without a source.
  constructor(script, exchanges, given) {
    this.declared = new Map((script.variable ?? []).map((each) => [each.name, each]));
    this.exchanges = exchanges;
    this.given = given;
  }

  // A text with each ${name} replaced.
  fill(text) {
    return text.replace(/\$\{([^}]*)\}/g, (_, name) => this.value(name));
  }

  value(name) {
    const variable = this.declared.get(name);
    if (!variable) throw new Failed(`no variable ${name} is declared`);
    if (!variable.sourceId) {
      const value = this.given[name] ?? variable.defaultValue;
      if (value === undefined) throw new Failed(`nobody gave a value for ${name}`);
      return value;
    }
    const source = this.exchanges.get(variable.sourceId);
    if (!source) throw new Failed(`${name}: there is no ${variable.sourceId} yet`);
    if (variable.headerField) {
      const value = source.headers?.get(variable.headerField);
      if (!value) throw new Failed(`${name}: no header ${variable.headerField}`);
      return value;
    }
    const found = source.find(variable.expression ?? '');
    if (found.length !== 1) {
      throw new Failed(`${name}: ${variable.expression} finds ${found.length} values and not one`);
    }
    return found[0];
  }
}
