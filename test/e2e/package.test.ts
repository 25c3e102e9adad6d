import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestSystem, showLogsOfFailures, type TestNode } from '../support/daemons.ts';
import { importBusybox, startDockerEngine } from '../support/docker-engine.ts';
import { processPod } from '../support/process-pod.ts';

const run = promisify(execFile);
const project = join(import.meta.dirname, '..', '..');

interface Pod {
  readonly status: { readonly phase?: string };
}

/** The tarball, as a machine has it that has nothing else of ours. */
describe('a package', () => {
  const opened = new AsyncDisposableStack();
  let directory: string;
  let image: string;
  let system: TestSystem;
  let node: TestNode;
  showLogsOfFailures(() => system);

  beforeAll(async () => {
    const packing = [join(project, 'scripts', 'package.mjs'), '--without-node'];
    const { stdout } = await run(process.execPath, packing, { cwd: project });
    const tarball = /^dist\/.*\.tar\.gz/m.exec(stdout)?.[0] ?? '';
    const place = await mkdtemp(join(tmpdir(), 'skerry-package-'));
    opened.defer(() => rm(place, { recursive: true, force: true }));
    await run('tar', ['-C', place, '-xzf', join(project, tarball)]);
    directory = join(place, (await readdir(place))[0] ?? '');
    const engine = opened.use(await startDockerEngine());
    image = await importBusybox(engine);
    system = opened.use(await TestSystem.prepare({ package: directory }));
    await system.startHub();
    node = await system.addNode({ docker: { host: `unix://${engine.socketPath}` } });
    await node.daemon.start();
    await system.untilReady(node);
  });
  afterAll(() => opened.disposeAsync());

  const untilRunning = (name: string): Promise<Pod> =>
    system.kubectl.waitFor<Pod>(['pod', name], ({ status }) => status.phase === 'Running');

  it('runs pods as processes', async () => {
    await system.kubectl.apply(processPod('packaged-process', node.name));
    expect((await untilRunning('packaged-process')).status.phase).toBe('Running');
  });

  it('runs pods as containers', async () => {
    const container = { name: 'main', image, imagePullPolicy: 'Never', command: ['sleep', '1000'] };
    const spec = { nodeName: node.name, terminationGracePeriodSeconds: 1, containers: [container] };
    const metadata = { name: 'packaged-container' };
    await system.kubectl.apply({ apiVersion: 'v1', kind: 'Pod', metadata, spec });
    expect((await untilRunning('packaged-container')).status.phase).toBe('Running');
    await system.kubectl.run(['delete', 'pod', 'packaged-container']);
  });

  it('serves what a node holds, kinds of ours included, to its own command', async () => {
    const skerry = join(directory, 'bin', 'skerry');
    const edge = ['--socket', join(node.dataDir, 'local-api', 'api.sock')];
    const { stdout } = await run(skerry, ['get', 'pods', ...edge]);
    expect(stdout).toContain('packaged-process');
    await expect(run(skerry, ['get', 'devices', ...edge])).resolves.toBeDefined();
  });
});
