import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ledger } from '@skerry/cloudhub/ledger/ledger';
import { Sessions } from '@skerry/cloudhub/session/sessions';
import { unobserved } from '@skerry/cloudhub/session/testing/unobserved';
import { decode, encode } from '@skerry/proto/codec';
import type { EdgeFrame, HubFrame } from '@skerry/proto/frames';
import type { Change } from '@skerry/shared/change';
import type { Lane } from '@skerry/shared/delivery/outbox';
import type { ReportOutcome } from '@skerry/shared/delivery/report';
import { silentLog } from '@skerry/shared/log';
import { nodeName, type NodeName, type ObjectKey, type Version } from '@skerry/shared/names';
import type { Socket } from '@skerry/shared/socket';
import { openStore, type Store } from '@skerry/shared/store';
import { madeChange, madeTombstone } from '@skerry/shared/testing/changes';
import { ManualClock, settle } from '@skerry/shared/testing/manual-clock';
import { socketPair } from '@skerry/shared/testing/socket-pair';
import { edgeFrame, lineOf, numberAfter, versionsIn } from './language.ts';
import { tokenless } from '@skerry/cloudhub/session/testing/tokenless';

/** Everybody but the hub's sessions is played from the transcript. */
export class Stage implements AsyncDisposable {
  readonly node: NodeName = nodeName('edge-1');
  readonly #clock = new ManualClock();
  readonly #directory: string;
  readonly #store: Store;
  readonly #sessions: Sessions;
  readonly #stop = new AbortController();
  readonly #needed = new Map<ObjectKey, Change>();
  readonly #reports: ((outcome: ReportOutcome) => void)[] = [];
  #horizon = 0n;
  #edge: Socket | undefined;
  #said: string[] = [];

  private constructor(directory: string, store: Store) {
    this.#directory = directory;
    this.#store = store;
    this.#sessions = this.#openSessions();
  }

  static async open(): Promise<Stage> {
    const directory = await mkdtemp(join(tmpdir(), 'skerry-transcript-'));
    return new Stage(directory, await openStore(directory, { whenCorrupt: 'fail', now: () => 0 }));
  }

  /** Plays one line that is not the hub's. */
  async play(line: string): Promise<void> {
    const [who = '', rest = ''] = line.split(/: (.*)/);
    const words = rest.split(' ');
    if (who === 'cluster') this.#cluster(words);
    else if (who === 'api') this.#api(words);
    else if (who === 'time') await this.#pass(Number(words[0]) * 1_000);
    else if (who === 'edge') this.#edgeSpeaks(words);
    else throw new Error(`a transcript has no line ${JSON.stringify(line)}`);
  }

  /** What the hub has said since the last call, as lines; waits until there are so many, for a while. */
  async heard(expected: number): Promise<string[]> {
    for (let turn = 0; turn < 2_000 && this.#said.length < expected; turn++) await aTurn();
    for (let turn = 0; turn < 5; turn++) await aTurn(); // and whatever it should not say
    const said = this.#said;
    this.#said = [];
    return said;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new DOMException('the play is over', 'AbortError'));
    await aTurn();
    await this.#store[Symbol.asyncDispose]();
    await rm(this.#directory, { recursive: true });
  }

  #openSessions(): Sessions {
    return new Sessions({
      placement: {
        needs: () => this.#needed.values(),
        find: (key) => this.#needed.get(key),
        progressOf: () => this.#horizon as Version,
        whenSynced: Promise.resolve(),
      },
      line: {
        epoch: 1,
        horizon: 0n as Version,
        newest: () => Promise.resolve(this.#horizon as Version),
      },
      ledger: new Ledger(this.#store),
      upstream: { submit: () => new Promise((settled) => this.#reports.push(settled)) },
      tokens: tokenless,
      liveness: { seen: () => undefined },
      limits: {
        window: { frames: 3, bytes: 1_000 },
        heartbeatMs: 10_000,
        maxMessageBytes: 1_000,
        reportWindow: 2,
      },
      maxNodes: 1,
      hubVersion: 'test',
      clock: this.#clock,
      log: silentLog,
      observer: unobserved,
    });
  }

  #cluster(words: readonly string[]): void {
    const lane: Lane = words.includes('urgently') ? 'urgent' : 'bulk';
    for (const { key, version } of versionsIn(words)) {
      const name = key.slice(key.lastIndexOf('/') + 1);
      const isGone = words[0] === 'deletes';
      const change = isGone ? madeTombstone(name, version) : madeChange(name, version);
      if (isGone) this.#needed.delete(key);
      else this.#needed.set(key, change);
      if (version > this.#horizon) this.#horizon = version;
      this.#sessions.offer([{ node: this.node, change, lane: isGone ? 'urgent' : lane }]);
    }
  }

  #api(words: readonly string[]): void {
    const settled = this.#reports[Number(words[1]) - 1];
    settled?.(
      words[0] === 'accepts'
        ? { do: 'accepted' }
        : { do: 'refused', code: words[2] ?? '', reason: 'because' },
    );
  }

  #edgeSpeaks(words: readonly string[]): void {
    if (words[0] === 'connects') {
      this.#connect();
      return;
    }
    const frames: EdgeFrame[] = [];
    for (let n = numberAfter('times', words) ?? 1; n > 0; n--) {
      const frame = edgeFrame(words, this.node);
      if (frame) frames.push(frame);
    }
    this.#edge?.send(frames.length > 0 ? encode(frames) : Uint8Array.of(0xff, 0xff));
  }

  #connect(): void {
    const [near, far] = socketPair();
    this.#edge = near;
    void this.#sessions.admit(this.node, far, this.#stop.signal);
    void this.#listen(near);
  }

  async #listen(socket: Socket): Promise<void> {
    for await (const message of socket.messages())
      for (const frame of decode(message).frames) this.#said.push(lineOf(frame as HubFrame));
  }

  async #pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 1_000) {
      await settle();
      await this.#clock.advance(Math.min(left, 1_000));
    }
  }
}

function aTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}
