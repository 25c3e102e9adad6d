/** `npm run bench [-- NAME… --OPTION…]`: runs bench/NAME.ts, all or some; each prints JSON lines. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { provideRealParts } from './real-parts.mjs';
import { build, install } from './install-and-build.mjs';
import { makePackage } from './package.mjs';
import { continueOnPinnedNode, fail, pinnedNode, root, run } from './toolchain.mjs';

async function bench() {
  const known = readdirSync(join(root, 'bench'))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -'.ts'.length));
  const words = process.argv.slice(2);
  const options = words.filter((word) => word.startsWith('--'));
  const asked = words.filter((word) => !options.includes(word));
  const unknown = asked.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new Error(`no such benchmark: ${unknown.join(', ')}\nThere are: ${known.join(', ')}`);
  await install();
  await continueOnPinnedNode();
  await provideRealParts();
  await build();
  await makePackage();
  for (const name of asked.length > 0 ? asked : known)
    run([pinnedNode, join(root, 'bench', `${name}.ts`), ...options]);
}

bench().catch(fail);
