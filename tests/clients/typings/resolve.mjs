// The published packages import files without their ending, as bundlers allow.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export async function resolve(specifier, context, next) {
  if (specifier.startsWith('ajv/')) return next(`${specifier}.js`, context);
  if (!specifier.startsWith('.')) return next(specifier, context);
  const url = new URL(specifier, context.parentURL).href;
  const ending = ['.js', '/index.js'].find((end) => existsSync(fileURLToPath(url + end)));
  return next(url + (ending ?? ''), context);
}
