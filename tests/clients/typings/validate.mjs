// Reads [[validator, value], ...] as JSON and prints, for each value, the errors of its validator.
//
// A validator is a function of @rocket.chat/rest-typings, or the name of a document of
// @rocket.chat/core-typings.
import { readFileSync } from 'node:fs';
import { register } from 'node:module';
import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

register('./resolve.mjs', import.meta.url);
const typings = await import('@rocket.chat/rest-typings');
const { schemas } = await import('@rocket.chat/core-typings/dist/Ajv.js');

const answers = addFormats(new Ajv({ strict: false, allErrors: true }));
const documents = {};

function validatorOf(name) {
  if (typeof typings[name] === 'function') return typings[name];
  const schema = typings[name] ?? { $ref: `#/components/schemas/${name}` };
  documents[name] ??= answers.compile({ ...schema, components: schemas.components });
  return documents[name];
}

function errors([name, value]) {
  const validator = validatorOf(name);
  if (validator(value)) return [];
  return validator.errors.map(({ instancePath, message }) => `${instancePath} ${message}`.trim());
}

const cases = JSON.parse(readFileSync(0, 'utf8'));
console.log(JSON.stringify(cases.map(errors)));
