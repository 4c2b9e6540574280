/** Makes redmessenger.js, a classic script, from the module. With --check it only says whether it is up to date. */
import { readFile, writeFile } from 'node:fs/promises';

const here = (name) => new URL(name, import.meta.url);
const module = await readFile(here('redmessenger.mjs'), 'utf8');
const body = module.replace(/^export (?=class |function )/gm, '');
if (/^(export|import)\b/m.test(body)) {
  throw new Error('redmessenger.mjs has an import or export that this cannot translate');
}
const script = `// Made from redmessenger.mjs by build.mjs; not to be edited.
(function (global) {
'use strict';

${body}
if (typeof module === 'object' && module.exports) {
  module.exports = { RedMessenger, EventParser, addresses, backoff };
} else {
  global.RedMessenger = RedMessenger;
}
})(typeof globalThis === 'undefined' ? this : globalThis);
`;
if (process.argv.includes('--check')) {
  if ((await readFile(here('redmessenger.js'), 'utf8').catch(() => '')) !== script) {
    console.error('redmessenger.js is not what redmessenger.mjs makes; run: npm run build');
    process.exit(1);
  }
} else {
  await writeFile(here('redmessenger.js'), script);
}
