import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ContainerRuntime, ExecOutcome, LogLine, RuntimeEvent } from '../container-runtime.ts';
import type { ContainerSpec } from '../container-spec.ts';
import { noDiskUsage } from '../disk-usage.ts';
import type { ContainerId, ObservedContainer, ObservedPod, PodIdentity } from '../observed.ts';
import { ExecFailed, ImageFailure, StartFailed } from '../runtime-errors.ts';
import { containerSpec, sandboxSpec, somePod } from './specs.ts';

/** Commands that behave alike on every runtime. */
export interface Workloads {
  /** Writes a line, runs until asked to end, then exits with 5. */
  readonly untilAsked: readonly string[];
  /** Writes a line, runs, and does not end when asked. */
  readonly untilKilled: readonly string[];
  readonly exits: (code: number) => readonly string[];
  /** Writes `first` to stdout and `second` to stderr, each a line, and ends well. */
  readonly prints: (first: string, second: string) => readonly string[];
  /** Writes $GREETING, then the file `key` of what is mounted at /etc/conf, and ends well. */
  readonly shows: readonly string[];
  readonly missing: readonly string[];
}

/** A shell's, for runtimes that run real processes. */
export const shellWorkloads: Workloads = {
  untilAsked: ['sh', '-c', 'trap "exit 5" TERM; echo ready; sleep 1000 & wait'],
  untilKilled: ['sh', '-c', 'trap "" TERM; echo ready; while :; do sleep 1; done'],
  exits: (code) => ['sh', '-c', `exit ${code}`],
  prints: (first, second) => [
    'sh',
    '-c',
    'echo "$1"; sleep 0.1; echo "$2" >&2',
    '-',
    first,
    second,
  ],
  shows: ['sh', '-c', 'echo "$GREETING"; cat "$SKERRY_ROOT/etc/conf/key"'],
  missing: ['no-such-program'],
};

export interface RuntimeUnderTest extends AsyncDisposable {
  /** A runtime as a newly started agent opens it: each call another agent over the same state. */
  readonly open: () => Promise<ContainerRuntime>;
  /** The name of an image that is here. */
  readonly image: string;
  /** As whom it runs. */
  readonly imageUser: string;
  readonly workloads: Workloads;
  /** False where every image will do. */
  readonly usesImages: boolean;
}

/** The promises of `ContainerRuntime`, to be kept by every adapter. */
export function runtimeContract(name: string, prepare: () => Promise<RuntimeUnderTest>): void {
  describe(`${name} runtime`, () => {
    let under: RuntimeUnderTest;
    let runtime: ContainerRuntime;
    let pod: PodIdentity;
    let stop: AbortController;
    let directory: string;

    beforeAll(async () => {
      under = await prepare();
      directory = await mkdtemp(join(tmpdir(), 'runtime-contract-'));
    });
    afterAll(async () => {
      await under[Symbol.asyncDispose]();
      await rm(directory, { recursive: true });
    });
    beforeEach(async () => {
      runtime = await under.open();
      pod = somePod();
      stop = new AbortController();
    });
    afterEach(async () => {
      stop.abort();
      await clear(runtime, pod);
    });

    const signal = (): AbortSignal => stop.signal;
    const observe = async (of = runtime): Promise<ObservedPod | undefined> =>
      (await of.list(pod, signal())).find((found) => found.pod.uid === pod.uid);
    const container = async (of = runtime, named = 'main'): Promise<ObservedContainer> => {
      const found = (await observe(of))?.containers.findLast(({ mark }) => mark.name === named);
      if (!found) throw new Error(`no container ${named}`);
      return found;
    };
    const sandbox = async (attempt = 0): Promise<ContainerId> => {
      await runtime.runSandbox(sandboxSpec(pod, attempt), signal());
      const last = (await observe())?.sandboxes.at(-1);
      if (!last) throw new Error('no sandbox');
      return last.id;
    };
    const create = async (
      command: readonly string[],
      more: Partial<ContainerSpec> & { name?: string; attempt?: number } = {},
    ): Promise<ContainerId> => {
      const sandboxId =
        more.sandboxId ?? (await observe())?.sandboxes.at(-1)?.id ?? (await sandbox());
      const { image } = under;
      const { id: imageId } = await runtime.ensureImage(
        { name: image, policy: 'IfNotPresent' },
        signal(),
      );
      const spec = containerSpec(pod, sandboxId, { image, imageId, command, ...more });
      return runtime.createContainer(spec, signal());
    };
    const run = async (...args: Parameters<typeof create>): Promise<ContainerId> => {
      const id = await create(...args);
      await runtime.startContainer(id, signal());
      return id;
    };
    /** Waits by the runtime's events alone. */
    const exited = async (of: ContainerRuntime, during: () => Promise<unknown>): Promise<void> => {
      const events = of.events(signal())[Symbol.asyncIterator]();
      expect((await events.next()).value).toEqual({ type: 'attached' });
      await during();
      for (;;) {
        const { value } = (await events.next()) as { value: RuntimeEvent };
        if (value.type === 'exited' && value.pod.uid === pod.uid) {
          expect(value.pod).toEqual(pod);
          break;
        }
      }
      await events.return?.();
    };
    const read = async (id: ContainerId, options = {}): Promise<LogLine[]> =>
      Array.fromAsync(runtime.logs(id, options, signal()));

    it('says which version it is', async () => {
      expect((await runtime.version(signal())).version).toMatch(/\d/);
    });

    it('holds nothing of a pod it never saw', async () => {
      expect(await runtime.list(pod, signal())).toEqual([]);
    });

    it('runs a sandbox, and removes it', async () => {
      const id = await sandbox();
      const observed = await observe();
      expect(observed?.pod).toEqual(pod);
      expect(observed?.sandboxes).toMatchObject([
        { id, mark: { pod, attempt: 0, streak: 0 }, state: { phase: 'running' } },
      ]);
      const [{ state }] = observed!.sandboxes as [ObservedPod['sandboxes'][0]];
      expect(state.phase === 'running' && state.ip).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
      await runtime.removeSandbox(id, signal());
      await runtime.removeSandbox(id, signal());
      expect(await observe()).toBeUndefined();
    });

    it('gives back the mark it was given, whatever has happened since', async () => {
      const id = await create(under.workloads.untilAsked);
      const created = await container();
      expect(created).toMatchObject({ id, image: under.image, state: { phase: 'created' } });
      await runtime.startContainer(id, signal());
      const running = await container();
      expect(running.state.phase).toBe('running');
      expect(running.mark).toEqual(created.mark);
      expect(running.mark).toEqual(containerSpec(pod, '', {}).mark);
      expect(running.sandboxId).toBe((await observe())?.sandboxes[0]?.id);
    });

    it('refuses to make the same attempt twice', async () => {
      await create(under.workloads.untilAsked);
      await expect(create(under.workloads.untilAsked)).rejects.toThrow();
      await create(under.workloads.untilAsked, { attempt: 1 });
      expect((await observe())?.containers.map(({ mark }) => mark.attempt)).toEqual([0, 1]);
    });

    it('tells at once that a container has ended, and with which code', async () => {
      await exited(runtime, () => run(under.workloads.exits(3)));
      const { state } = await container();
      expect(state).toMatchObject({ phase: 'exited', exitCode: 3, reason: 'Error' });
      if (state.phase === 'exited')
        expect(state.finishedAt).toBeGreaterThanOrEqual(state.startedAt);
    });

    it('knows a good end from a bad one', async () => {
      await exited(runtime, () => run(under.workloads.exits(0)));
      expect((await container()).state).toMatchObject({ exitCode: 0, reason: 'Completed' });
    });

    it('asks a container to end before it kills it', async () => {
      const id = await run(under.workloads.untilAsked);
      await ready(runtime, id, signal());
      await exited(runtime, () => runtime.stopContainer(id, 20, signal()));
      expect((await container()).state).toMatchObject({ phase: 'exited', exitCode: 5 });
    });

    it('kills a container that does not end within its grace', async () => {
      const id = await run(under.workloads.untilKilled);
      await ready(runtime, id, signal());
      await runtime.stopContainer(id, 1, signal());
      expect((await container()).state).toMatchObject({ phase: 'exited', exitCode: 137 });
    });

    it('takes a stop of what has ended and a removal of what is gone as done', async () => {
      const id = await run(under.workloads.exits(0));
      await runtime.stopContainer(id, 5, signal());
      await runtime.stopContainer(id, 5, signal());
      await runtime.removeContainer(id, signal());
      await runtime.removeContainer(id, signal());
      await runtime.stopContainer(id, 5, signal());
      expect((await observe())?.containers).toEqual([]);
    });

    it('removes a container that still runs', async () => {
      const id = await run(under.workloads.untilKilled);
      await runtime.removeContainer(id, signal());
      expect((await observe())?.containers).toEqual([]);
    });

    it('says why a process could not be started', async () => {
      const id = await create(under.workloads.missing);
      await expect(runtime.startContainer(id, signal())).rejects.toThrow(StartFailed);
      const { state } = await container();
      expect(state).toMatchObject({ phase: 'exited', startedAt: 0, reason: 'StartError' });
      if (state.phase !== 'exited') throw new Error('not exited');
      expect(state.message).toContain('no-such-program');
      expect(state.exitCode).not.toBe(0);
    });

    it('gives the process its environment and its volumes', async () => {
      await writeFile(join(directory, 'key'), 'from the volume\n');
      const env = [{ name: 'GREETING', value: 'it\'s a "test" = ü' }];
      const mount = { hostPath: directory, containerPath: '/etc/conf', readOnly: true };
      const mounts = [{ volume: 'conf', ...mount }];
      let id = '';
      await exited(runtime, async () => (id = await run(under.workloads.shows, { env, mounts })));
      expect((await read(id)).map(({ text }) => text)).toEqual([
        'it\'s a "test" = ü',
        'from the volume',
      ]);
    });

    it('keeps what a container wrote, line by line, with stream and time', async () => {
      let id = '';
      const command = under.workloads.prints('to stdout', 'to stderr');
      await exited(runtime, async () => (id = await run(command)));
      const lines = await read(id);
      expect(lines.map(({ stream, text, full }) => ({ stream, text, full }))).toEqual([
        { stream: 'stdout', text: 'to stdout', full: true },
        { stream: 'stderr', text: 'to stderr', full: true },
      ]);
      for (const { time } of lines) expect(time).toMatch(/^\d{4}-\d\d-\d\dT[\d:]+\.\d+Z$/);
      expect((await read(id, { tailLines: 1 })).map(({ text }) => text)).toEqual(['to stderr']);
      expect(await read(id, { follow: true })).toEqual(lines);
    });

    it('follows what a container writes until it ends', async () => {
      const id = await create(under.workloads.prints('one', 'two'));
      await runtime.startContainer(id, signal());
      expect((await read(id, { follow: true })).map(({ text }) => text)).toEqual(['one', 'two']);
    });

    it('runs a command in a container, and says how it ended and what it wrote', async () => {
      const id = await run(under.workloads.untilAsked);
      await ready(runtime, id, signal());
      const exec = (command: readonly string[]): Promise<ExecOutcome> =>
        runtime.execSync(id, command, 60_000, signal());
      expect(await exec(under.workloads.exits(3))).toMatchObject({ do: 'ended', exitCode: 3 });
      const told = await exec(under.workloads.prints('one', 'two'));
      expect(told).toMatchObject({ do: 'ended', exitCode: 0 });
      expect(told.output.split('\n').toSorted()).toEqual(['', 'one', 'two']);
      const missing = await exec(under.workloads.missing);
      expect(missing).toMatchObject({ do: 'ended' });
      expect(missing).not.toMatchObject({ exitCode: 0 });
      expect(missing.output).toContain('no-such-program');
      expect((await container()).state.phase).toBe('running');
    });

    it('runs commands with the environment of their container', async () => {
      await writeFile(join(directory, 'key'), '');
      const mount = { hostPath: directory, containerPath: '/etc/conf', readOnly: true };
      const env = [{ name: 'GREETING', value: 'hello' }];
      const mounts = [{ volume: 'conf', ...mount }];
      const id = await run(under.workloads.untilAsked, { env, mounts });
      const told = await runtime.execSync(id, under.workloads.shows, 60_000, signal());
      expect(told).toEqual({ do: 'ended', exitCode: 0, output: 'hello\n' });
    });

    it('gives up a command that takes too long, and lets its container be', async () => {
      const id = await run(under.workloads.untilAsked);
      await ready(runtime, id, signal());
      const outcome = await runtime.execSync(id, under.workloads.untilKilled, 1000, signal());
      expect(outcome.do).toBe('timed-out');
      expect((await container()).state.phase).toBe('running');
    });

    it('runs no command in what does not run', async () => {
      const id = await create(under.workloads.untilAsked);
      const command = under.workloads.exits(0);
      await expect(runtime.execSync(id, command, 60_000, signal())).rejects.toThrow(ExecFailed);
      await expect(runtime.execSync('none', command, 60_000, signal())).rejects.toThrow(ExecFailed);
    });

    it('lets the next agent find everything as it is, and hear of ends it did not begin', async () => {
      let ended = '';
      const end = under.workloads.exits(4);
      await exited(runtime, async () => (ended = await run(end, { name: 'ended' })));
      await exited(runtime, () => run(under.workloads.exits(0), { name: 'other' }));
      const id = await run(under.workloads.untilAsked);
      await ready(runtime, id, signal());
      const next = await under.open();
      expect(await container(next)).toEqual(await container(runtime));
      expect(await container(next, 'ended')).toMatchObject({ id: ended, state: { exitCode: 4 } });
      await exited(next, () => next.stopContainer(id, 20, signal()));
      expect((await container(next)).state).toMatchObject({ phase: 'exited', exitCode: 5 });
    });

    it('lists every pod, or one by its name', async () => {
      await sandbox();
      const other = somePod('other');
      await runtime.runSandbox(sandboxSpec(other), signal());
      const all = await runtime.list(undefined, signal());
      expect(all.map((found) => found.pod.uid)).toEqual(
        expect.arrayContaining([pod.uid, other.uid]),
      );
      expect((await runtime.list(other, signal())).map((found) => found.pod)).toEqual([other]);
      await clear(runtime, other);
    });

    it('says what a container uses while it runs', async () => {
      const id = await run(under.workloads.untilAsked);
      await ready(runtime, id, signal());
      const usage = await runtime.usage(id, signal());
      expect(usage?.memoryBytes).toBeGreaterThan(0);
      expect(usage?.processes).toBeGreaterThan(0);
      await exited(runtime, () => runtime.stopContainer(id, 10, signal()));
      expect(await runtime.usage(id, signal())).toBeUndefined();
    });

    it('says what a container keeps on disk, whether it runs or not', async () => {
      let id = '';
      const command = under.workloads.prints('x'.repeat(20_000), 'y');
      await exited(runtime, async () => (id = await run(command)));
      const { bytes, inodes } = await runtime.diskUsage(id, signal());
      expect(bytes).toBeGreaterThanOrEqual(20_000);
      expect(inodes).toBeGreaterThan(0);
      await runtime.removeContainer(id, signal());
      expect(await runtime.diskUsage(id, signal())).toEqual(noDiskUsage);
    });

    it('lists its images, and keeps one of which there is a container', async () => {
      const id = await create(under.workloads.untilAsked);
      const listed = await runtime.images(signal());
      if (!under.usesImages) {
        expect(listed).toEqual([]);
        return;
      }
      const ours = listed.find(({ names }) => names.includes(under.image));
      expect(ours?.bytes).toBeGreaterThan(0);
      await runtime.removeImage({ ...ours!, names: [] }, signal());
      await runtime.startContainer(id, signal());
      expect((await runtime.images(signal())).map((image) => image.id)).toContain(ours?.id);
    });

    it('finds an image that is here, whatever the policy', async () => {
      const held = await runtime.ensureImage(
        { name: under.image, policy: 'IfNotPresent' },
        signal(),
      );
      expect(held.pulled).toBe(false);
      expect(await runtime.ensureImage({ name: under.image, policy: 'Never' }, signal())).toEqual(
        held,
      );
    });

    it('says as whom the process of an image runs', async () => {
      const wish = { name: under.image, policy: 'IfNotPresent' } as const;
      const { id } = await runtime.ensureImage(wish, signal());
      expect(await runtime.imageUser(id, signal())).toBe(under.imageUser);
    });

    it('refuses an image that is not here and must not be pulled', async () => {
      if (!under.usesImages) return;
      const wish = { name: 'skerry/none-such:1', policy: 'Never' } as const;
      const refused = runtime.ensureImage(wish, signal());
      await expect(refused).rejects.toThrow(ImageFailure);
      await expect(refused).rejects.toMatchObject({ reason: 'ErrImageNeverPull' });
    });

    it('tells a name that is none from an image that cannot be had', async () => {
      if (!under.usesImages) return;
      const refused = runtime.ensureImage({ name: 'Not A Name', policy: 'IfNotPresent' }, signal());
      await expect(refused).rejects.toMatchObject({ reason: 'InvalidImageName' });
      const absent = runtime.ensureImage(
        { name: '127.0.0.1:1/none-such:1', policy: 'IfNotPresent' },
        signal(),
      );
      await expect(absent).rejects.toMatchObject({ reason: 'ErrImagePull' });
    });

    it('says when it asks a registry, and only then', async () => {
      if (!under.usesImages) return;
      let asked = 0;
      const onPulling = (): void => {
        asked++;
      };
      await runtime.ensureImage({ name: under.image, policy: 'IfNotPresent', onPulling }, signal());
      expect(asked).toBe(0);
      const credentials = [{ registry: '127.0.0.1:1', username: 'u', password: 'p' }];
      const wish = {
        name: '127.0.0.1:1/none-such:1',
        policy: 'IfNotPresent',
        credentials,
      } as const;
      const refused = runtime.ensureImage({ ...wish, onPulling }, signal());
      await expect(refused).rejects.toMatchObject({ reason: 'ErrImagePull' });
      expect(asked).toBe(1);
    });

    it('runs what is here when the registry does not answer, even if it should always ask', async () => {
      const held = await runtime.ensureImage({ name: under.image, policy: 'Always' }, signal());
      const here = await runtime.ensureImage({ name: under.image, policy: 'Never' }, signal());
      expect(held.id).toBe(here.id);
    });
  });
}

/** A shell needs a moment to set its traps: it is ready once it has said so. */
async function ready(
  runtime: ContainerRuntime,
  id: ContainerId,
  signal: AbortSignal,
): Promise<void> {
  for await (const _line of runtime.logs(id, { follow: true }, signal)) return;
}

async function clear(runtime: ContainerRuntime, pod: PodIdentity): Promise<void> {
  const { signal } = new AbortController();
  for (const { containers, sandboxes } of await runtime.list(pod, signal)) {
    for (const { id } of containers) await runtime.removeContainer(id, signal);
    for (const { id } of sandboxes) await runtime.removeSandbox(id, signal);
  }
}
