/** `npm run clean`: removes what was built; what was installed and what runs keep stays. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './toolchain.mjs';

const built = readdirSync(join(root, 'packages')).map((name) =>
  join(root, 'packages', name, 'dist'),
);
for (const path of [...built, join(root, 'dist'), join(root, '.cache')])
  rmSync(path, { recursive: true, force: true });
