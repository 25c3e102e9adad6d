import { readFile, readdir } from 'node:fs/promises';
import { pods } from '@skerry/cloudhub/kube/resource';
import type { KubeClient } from '@skerry/cloudhub/kube/kube-client';
import { NotFound } from '@skerry/cloudhub/kube/kube-errors';
import { objectKey } from '@skerry/shared/names';
import { setTimeout as sleep } from 'node:timers/promises';
import { between, oneOf, seededRandom } from '../chaos/seeded-random.ts';
import { listContainers } from './containers.ts';
import { eventually } from './eventually.ts';
import type { TestNode } from './daemons.ts';

const forever = new AbortController().signal;

/** Pods that come and go on one node, each with a mark of its own in its command line. */
export interface Coming {
  readonly api: KubeClient;
  readonly node: TestNode;
  readonly seed: number;
  readonly kills: number;
  /** On this engine with this image; absent: as processes of the machine. */
  readonly engine?: { readonly socketPath: string; readonly image: string } | undefined;
}

/** How often each pod runs, by the mark of its one container. */
type Runs = ReadonlyMap<string, number>;

/** The pods that are wanted, their writer, and what is seen of them on the machine. */
export class ComingAndGoing {
  readonly #parts: Coming;
  readonly #random: () => number;
  /** Mark of each wanted pod, by name. */
  readonly #wanted = new Map<string, string>();
  #made = 0;
  #mostAtOnce = 0;

  constructor(parts: Coming) {
    this.#parts = parts;
    this.#random = seededRandom(parts.seed, 'kills');
  }

  /**
   * Kills the agent at random moments, also while it starts, and writes pods meanwhile. Throws when two
   * containers of one pod are seen to run at once.
   */
  async killAtRandom(): Promise<void> {
    const { kills, node } = this.#parts;
    for (let kill = 0; kill < kills; kill++) {
      const starting = node.daemon.start().catch(() => undefined);
      for (let writes = between(this.#random, 0, 3); writes > 0; writes--) await this.#write();
      await this.#moment(starting);
      await node.daemon.end('SIGKILL');
      await starting;
      await this.#mustRunOnce(`kill ${kill}`);
    }
  }

  /** Waits until exactly the wanted pods run, once each. */
  async untilLevel(limitMs: number): Promise<void> {
    await eventually(
      'every wanted pod once, and no other',
      async () => {
        const [runs, wanted] = [await this.#runs(), [...this.#wanted.values()].toSorted()];
        const seen = [...runs].flatMap(([mark, times]) => Array<string>(times).fill(mark));
        if (seen.toSorted().join() === wanted.join()) return true;
        throw new Error(`wanted ${wanted.join()}, seen ${seen.toSorted().join()}`);
      },
      limitMs,
    );
  }

  async deleteAll(): Promise<void> {
    for (const name of [...this.#wanted.keys()]) await this.#delete(name);
  }

  /** Pods made so far. */
  get made(): number {
    return this.#made;
  }

  /** Most containers that were seen to run at one of the kills. */
  get mostAtOnce(): number {
    return this.#mostAtOnce;
  }

  get names(): readonly string[] {
    return [...this.#wanted.keys()];
  }

  /** While it starts, once it is ready, or once it runs something; and a little later. */
  async #moment(starting: Promise<unknown>): Promise<void> {
    const drawn = this.#random();
    if (drawn < 0.55) {
      await sleep(between(this.#random, 50, 700));
      return;
    }
    await starting;
    if (drawn > 0.85 && this.#wanted.size > 0)
      await eventually('a pod to run', async () => (await this.#runs()).size > 0, 120_000);
    await sleep(between(this.#random, 0, 500));
  }

  async #write(): Promise<void> {
    const isFull = this.#wanted.size >= 8;
    const isDeletion = this.#wanted.size > 0 && (isFull || this.#random() < 0.45);
    await (isDeletion ? this.#delete(oneOf(this.#random, this.names)) : this.#create());
  }

  async #create(): Promise<void> {
    const { api, node, engine } = this.#parts;
    const mark = String(process.pid * 100_000 + ++this.#made);
    const name = `coming-${mark}`;
    const container = {
      name: 'main',
      image: engine?.image ?? 'none',
      imagePullPolicy: 'Never',
      command: ['sleep', mark],
    };
    const spec = {
      nodeName: node.name,
      terminationGracePeriodSeconds: 1,
      ...(!engine && { runtimeClassName: 'process' }),
      containers: [container],
    };
    const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec };
    await api.create(pods, 'default', object, forever);
    this.#wanted.set(name, mark);
  }

  async #delete(name: string): Promise<void> {
    this.#wanted.delete(name);
    const key = objectKey(pods.name, 'default', name);
    await this.#parts.api.delete(pods, key, {}, forever).catch((error: unknown) => {
      if (!(error instanceof NotFound)) throw error;
    });
  }

  async #mustRunOnce(when: string): Promise<void> {
    const runs = await this.#runs();
    this.#mostAtOnce = Math.max(this.#mostAtOnce, runs.size);
    const twice = [...runs].filter(([, times]) => times > 1);
    if (twice.length > 0) throw new Error(`at ${when} these ran twice: ${JSON.stringify(twice)}`);
  }

  #runs(): Promise<Runs> {
    const { engine, node } = this.#parts;
    const first = process.pid * 100_000;
    const isOurs = (mark: number): boolean => mark > first && mark <= first + this.#made;
    return engine ? runningOnEngine(engine.socketPath, node.name) : runningProcesses(isOurs);
  }
}

async function runningOnEngine(socketPath: string, owner: string): Promise<Runs> {
  const listed = await listContainers(socketPath, `io.skerry.owner=${owner}`);
  const marks = listed
    .filter(({ State, Labels }) => State === 'running' && Labels['io.skerry.kind'] === 'container')
    .map(({ Labels }) => Labels['io.skerry.pod.name']?.replace('coming-', '') ?? '');
  return counted(marks);
}

/** Processes of the machine that sleep for one of our numbers of seconds. */
async function runningProcesses(isOurs: (mark: number) => boolean): Promise<Runs> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  const marks = lines
    .map((line) => line.split('\0'))
    .filter(([program = '', mark]) => program.endsWith('sleep') && isOurs(Number(mark)))
    .map(([, mark = '']) => mark);
  return counted(marks);
}

function counted(marks: readonly string[]): Runs {
  return new Map([...Map.groupBy(marks, (mark) => mark)].map(([mark, all]) => [mark, all.length]));
}
