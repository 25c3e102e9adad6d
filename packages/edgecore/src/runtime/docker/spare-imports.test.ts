import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

/** In a process of its own: what this one has loaded already would count. */
const probe = `
  const { spareHeavyImports } = await import('./spare-imports.ts');
  spareHeavyImports();
  const { default: Docker } = await import('dockerode');
  new Docker({ socketPath: '/nowhere' });
  const { createRequire } = await import('node:module');
  const loaded = Object.keys(createRequire(import.meta.url).cache);
  process.stdout.write(String(loaded.filter((file) => /ssh2.lib.client|grpc-js.build.src.channel/.test(file)).length));
`;

it('keeps the SSH client and gRPC of dockerode out of the agent', async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '-e', probe],
    {
      cwd: import.meta.dirname,
    },
  );
  expect(stdout).toBe('0');
});
