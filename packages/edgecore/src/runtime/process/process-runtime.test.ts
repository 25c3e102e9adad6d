import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@skerry/shared/clock';
import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ContainerRuntime } from '../container-runtime.ts';
import type { ContainerSpec } from '../container-spec.ts';
import type { ContainerId, ContainerState, PodIdentity } from '../observed.ts';
import { CreateFailed } from '../runtime-errors.ts';
import { runtimeContract, shellWorkloads } from '../testing/runtime-contract.ts';
import { containerSpec, sandboxSpec, somePod } from '../testing/specs.ts';
import { openProcessRuntime } from './process-runtime.ts';

const hostAddress = (): string => '192.0.2.1';
const clock = systemClock;

runtimeContract('process', async () => {
  const stateDir = await mkdtemp(join(tmpdir(), 'process-runtime-'));
  return {
    open: () => openProcessRuntime({ stateDir, hostAddress, clock }),
    image: 'no/image:needed',
    imageUser: String(process.getuid?.()),
    usesImages: false,
    workloads: shellWorkloads,
    [Symbol.asyncDispose]: () => rm(stateDir, { recursive: true }),
  };
});

describe('the process runtime', () => {
  const { signal } = new AbortController();
  let stateDir: string;
  let runtime: ContainerRuntime;
  let pod: PodIdentity;

  beforeEach(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'process-runtime-'));
    runtime = await openProcessRuntime({ stateDir, hostAddress, clock });
    pod = somePod();
    await runtime.runSandbox(sandboxSpec(pod), signal);
  });
  afterEach(async () => {
    for (const { containers } of await runtime.list(undefined, signal))
      for (const { id } of containers) await runtime.removeContainer(id, signal);
    await rm(stateDir, { recursive: true });
  });

  const run = async (script: string, more: Partial<ContainerSpec> = {}): Promise<ContainerId> => {
    const spec = containerSpec(pod, 's', { command: ['sh', '-c', script], ...more });
    const id = await runtime.createContainer(spec, signal);
    await runtime.startContainer(id, signal);
    return id;
  };
  /** Everything it wrote until its end. */
  const output = async (id: ContainerId): Promise<string[]> => {
    const lines = await Array.fromAsync(runtime.logs(id, { follow: true }, signal));
    return lines.map(({ text }) => text);
  };
  const state = async (id: ContainerId): Promise<ContainerState | undefined> => {
    const [found] = await runtime.list(pod, signal);
    return found?.containers.find((container) => container.id === id)?.state;
  };
  const supervisorPid = async (id: ContainerId): Promise<number> =>
    Number.parseInt(await readFile(join(stateDir, 'containers', id, 'shim'), 'utf8'), 10);

  it('starts a process among its volumes, with nothing of the agent’s environment but its PATH', async () => {
    process.env['AGENT_SECRET'] = 'secret';
    const [where, root, secret, path] = await output(
      await run('pwd; echo $SKERRY_ROOT; echo "[$AGENT_SECRET]"; echo $PATH'),
    );
    delete process.env['AGENT_SECRET'];
    expect(where).toBe(root);
    expect(secret).toBe('[]');
    expect(path).toBe(process.env['PATH']);
  });

  it('starts a process in the directory it asks for, and says so when there is none', async () => {
    expect(await output(await run('pwd', { workingDir: '/usr' }))).toEqual(['/usr']);
    const spec = containerSpec(pod, 's', { name: 'other', command: ['pwd'], workingDir: '/none' });
    await expect(runtime.createContainer(spec, signal)).rejects.toThrow(
      'working directory /none is not there',
    );
  });

  it('ends with a process all that it has started, also what has left its group', async () => {
    const id = await run('setsid sleep 4321 & echo $!; (sleep 4322 &) ; exit 0');
    const [pid] = await output(id);
    expect(await state(id)).toMatchObject({ exitCode: 0 });
    await expect(stat(`/proc/${pid ?? ''}`)).rejects.toThrow();
  });

  it('lets a process die with its supervisor, and does not guess its exit code', async () => {
    const id = await run('echo $$; exec sleep 1000');
    const [line] = await Array.fromAsync(first(runtime.logs(id, { follow: true }, signal)));
    process.kill(await supervisorPid(id), 'SIGKILL');
    await gone(Number(line?.text));
    expect(await state(id)).toMatchObject({
      phase: 'exited',
      exitCode: 137,
      reason: 'ContainerStatusUnknown',
    });
    await runtime.stopContainer(id, 5, signal);
  });

  it('takes a recorded end for the end, though it came before anybody listened', async () => {
    const id = await run('exec sleep 1000');
    const supervisor = await supervisorPid(id);
    process.kill(supervisor, 'SIGSTOP'); // as one that has recorded the end, and is not gone yet
    await writeFile(join(stateDir, 'exits', id), 'exit 0 1.000000000\n');
    const still = new ManualClock();
    const other = await openProcessRuntime({ stateDir, hostAddress, clock: still });
    await other.stopContainer(id, 1, signal);
    process.kill(supervisor, 'SIGKILL');
  });

  it('starts a container once, whoever asks', async () => {
    const id = await run('sleep 1000');
    const pid = await supervisorPid(id);
    await runtime.startContainer(id, signal);
    expect(await supervisorPid(id)).toBe(pid);
  });

  it('joins what a line holds beyond the shim’s buffer by saying that it goes on', async () => {
    const id = await run('head -c 20000 /dev/zero | tr "\\0" x; echo; echo end');
    const lines = await Array.fromAsync(runtime.logs(id, { follow: true }, signal));
    expect(lines.map(({ full }) => full)).toEqual([false, false, true, true]);
    expect(
      lines
        .slice(0, 3)
        .map(({ text }) => text)
        .join(''),
    ).toBe('x'.repeat(20_000));
  });

  it('asks for a command, and for mounts that links can make', async () => {
    const create = (wanted: Partial<ContainerSpec>): Promise<ContainerId> =>
      runtime.createContainer(containerSpec(pod, 's', wanted), signal);
    await expect(create({})).rejects.toThrow(CreateFailed);
    const mount = (containerPath: string): ContainerSpec['mounts'][0] => ({
      volume: 'v',
      hostPath: stateDir,
      containerPath,
      readOnly: false,
    });
    const command = ['true'];
    for (const paths of [['/a', '/a/b'], ['/a', '/a'], ['/../../x']])
      await expect(create({ command, mounts: paths.map(mount) })).rejects.toThrow('mount path');
    await create({ command, mounts: ['/a/b', '/a/c'].map(mount) });
  });

  it('keeps nothing of what was removed, and its state from other eyes', async () => {
    const id = await run('exit 0');
    await output(id);
    expect((await stat(join(stateDir, 'containers', id, 'spec'))).mode & 0o777).toBe(0o600);
    await runtime.removeContainer(id, signal);
    expect(await readdir(join(stateDir, 'containers'))).toEqual([]);
    expect(await readdir(join(stateDir, 'exits'))).toEqual([]);
  });

  it('runs as the user it is told, who is another one where the agent may choose', async () => {
    const { security } = containerSpec(pod, 's', {});
    const mayChoose = process.getuid?.() === 0;
    const runAsUser = mayChoose ? 65534 : process.getuid?.();
    const runAsGroup = mayChoose ? 65534 : process.getgid?.();
    const told = { ...security, runAsUser, runAsGroup };
    const id = await run('id -u; id -g', { security: told, workingDir: '/' });
    expect(await output(id)).toEqual([String(runAsUser), String(runAsGroup)]);
  });

  it('leaves no supervisor behind', async () => {
    const id = await run('exit 0');
    const pid = await supervisorPid(id);
    await output(id);
    await gone(pid);
    expect(execFileSync('ps', ['-eo', 'pid'], { encoding: 'utf8' })).not.toMatch(
      new RegExp(`^ *${pid}$`, 'm'),
    );
  });
});

async function* first<T>(items: AsyncIterable<T>): AsyncGenerator<T, void> {
  for await (const item of items) {
    yield item;
    return;
  }
}

/** Until the process is no more, or only a zombie. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
    if (text === undefined || text.slice(text.lastIndexOf(')')).startsWith(') Z')) return;
    await systemClock.sleep(5, new AbortController().signal);
  }
}
