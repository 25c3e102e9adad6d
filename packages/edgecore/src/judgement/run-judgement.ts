import type { Clock } from '@skerry/shared/clock';
import { codeOf, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import type { Metrics } from '@skerry/shared/metrics';
import type { ObjectKey } from '@skerry/shared/names';
import { supervise } from '@skerry/shared/supervise';
import { work, type Requeue, type WorkQueue } from '@skerry/shared/workqueue';
import type { ObjectReader } from '../meta/object-reader.ts';
import { wantedJudgements, type Wanted } from './held-judgements.ts';
import { Judge } from './judge.ts';
import type { JudgementBoard, JudgementState, Turn } from './judgement-board.ts';
import type { JudgementFiles } from './judgement-files.ts';
import { judgementMetrics, type JudgementMetrics } from './judgement-metrics.ts';
import type { JudgementReports } from './judgement-reports.ts';
import type { JudgementSpec } from './judgement-spec.ts';
import { formatResult } from './result.ts';
import type { ResultStore } from './result-store.ts';
import type { SourceParts } from './sources/source.ts';

/** How often files are looked at, milliseconds. */
const RESCAN_MS = 10_000;
/** How often results go to the disk: so much of the past a crash costs, milliseconds. */
const FLUSH_MS = 10_000;

export interface JudgementParts {
  readonly objects: ObjectReader;
  readonly files: JudgementFiles;
  /** Keys of StatusJudgements that changed; which, does not matter. */
  readonly dirty: WorkQueue<ObjectKey>;
  readonly board: JudgementBoard;
  readonly results: ResultStore;
  readonly reports: JudgementReports;
  readonly sources: SourceParts;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Judges this node by what the hub has placed here and what files say, until `signal` aborts. */
export async function runJudgement(parts: JudgementParts, signal: AbortSignal): Promise<void> {
  const { clock, log, results, dirty } = parts;
  const bench = new Bench(parts, signal);
  const notRead = (error: unknown): undefined => {
    log.warn({ code: codeOf(error), error: messageOf(error) }, 'judgements not read');
  };
  const failed = (_: ObjectKey, error: unknown): Requeue => {
    notRead(error);
    return { afterMs: RESCAN_MS };
  };
  const flush = (): Promise<void> =>
    results.flush(clock.now()).catch((error: unknown) => {
      log.warn({ code: codeOf(error), error: messageOf(error) }, 'results not kept');
    });
  const every = async (ms: number, act: () => Promise<void>, s: AbortSignal): Promise<void> => {
    while (!s.aborted) await clock.sleep(ms, s).then(act);
  };
  const seat = async (): Promise<undefined> => {
    await bench.seat();
    return undefined;
  };
  await seat();
  try {
    await supervise(signal, {
      objects: (s) => work({ queue: dirty, clock, workers: 1, reconcile: seat, failed }, s),
      files: (s) => every(RESCAN_MS, () => seat().then(() => undefined, notRead), s),
      results: (s) => every(FLUSH_MS, flush, s),
    });
  } finally {
    await bench.settled();
    await flush();
  }
}

interface Seated {
  readonly spec: JudgementSpec;
  readonly stop: AbortController;
  readonly running: Promise<void>;
}

/** Those who judge now: one for each judgement that this node is to judge by. */
class Bench {
  readonly #parts: JudgementParts;
  readonly #signal: AbortSignal;
  readonly #metrics: JudgementMetrics;
  readonly #seated = new Map<string, Seated>();
  /** Told to the cluster since this agent started, by name: generation and uid. */
  readonly #told = new Map<string, string>();
  #turn: Promise<void> = Promise.resolve();

  constructor(parts: JudgementParts, signal: AbortSignal) {
    this.#parts = parts;
    this.#signal = signal;
    this.#metrics = judgementMetrics(parts.metrics);
  }

  /** Brings the bench to what is wanted now; one call after the other. */
  seat(): Promise<void> {
    const turn = this.#turn.then(() => this.#seat());
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async settled(): Promise<void> {
    await Promise.all([...this.#seated.values()].map(({ running }) => running));
  }

  async #seat(): Promise<void> {
    const { objects, files, board } = this.#parts;
    const wanted = await wantedJudgements(objects, files);
    for (const state of board.list()) if (!wanted.has(state.name)) await this.#leave(state);
    for (const [name, one] of wanted) await this.#bring(name, one);
  }

  async #bring(name: string, wanted: Wanted): Promise<void> {
    const seated = this.#seated.get(name);
    if (wanted.do === 'refuse') {
      await this.#unseat(name);
      this.#refuse(name, wanted);
    } else if (!seated || !isSame(seated.spec, wanted.spec)) {
      await this.#unseat(name);
      await this.#begin(wanted.spec);
    }
  }

  #refuse(name: string, { uid, flaw }: Extract<Wanted, { do: 'refuse' }>): void {
    const { board, log, clock } = this.#parts;
    if (board.get(name)?.flaw === flaw) return;
    log.warn({ judgement: name, error: flaw }, 'cannot judge by this object');
    const unknown = { verdict: undefined, since: clock.now(), z: undefined, units: [], why: '' };
    board.put({ name, uid, generation: 0, origin: 'cluster', ...unknown, flaw });
  }

  async #begin(spec: JudgementSpec): Promise<void> {
    const { results, sources, clock, board, log } = this.#parts;
    const { name, uid, generation, origin } = spec;
    const held = await results.verdictOf(name, uid);
    const unjudged = { z: undefined, units: [], why: '', flaw: undefined };
    const standing = { verdict: held?.verdict, since: held?.since ?? clock.now() };
    board.put({ name, uid, generation, origin, ...standing, ...unjudged });
    const stop = new AbortController();
    const signal = AbortSignal.any([this.#signal, stop.signal]);
    const judge = new Judge(spec, {
      ...{ sources, clock, held },
      found: (unit, finding) => {
        results.add(name, unit, { at: finding.at, result: finding.result, mean: finding.mean });
        this.#metrics.found(name, unit, finding);
      },
      stands: (state) => this.#stands(state),
      turned: (turn) => this.#turned(turn),
    });
    const running = judge.run(signal).catch((error: unknown) => {
      log.error({ judgement: name, code: codeOf(error), error: messageOf(error) }, 'judge failed');
    });
    this.#seated.set(name, { spec, stop, running });
  }

  #stands(state: JudgementState): void {
    const { board, reports } = this.#parts;
    board.put(state);
    this.#metrics.stands(state);
    const told = `${state.uid} ${state.generation}`;
    if (this.#told.get(state.name) === told || state.origin === 'file') return;
    this.#told.set(state.name, told);
    const { name: judgement, verdict: to, since: at, z = 0, units, why } = state;
    if (to === undefined) return;
    const { uid, generation } = state;
    const said = { judgement, uid, generation, to, at, z, results: units.map(formatResult), why };
    void reports.standing(said);
  }

  /** Kept first, then told. */
  async #turned(turn: Turn): Promise<void> {
    const { results, reports, log } = this.#parts;
    const { judgement, uid, from, to, at, why, z } = turn;
    const level = to === 'Ready' ? 'info' : 'warn';
    log[level]({ judgement, from, to, z, why, results: turn.results }, 'verdict');
    await results
      .keepVerdict(judgement, { uid, verdict: to, since: at })
      .catch((error: unknown) => log.warn({ judgement, code: codeOf(error) }, 'verdict not kept'));
    await reports.turned(turn);
    if (turn.origin === 'cluster') await reports.standing(turn);
  }

  /** It is no longer to be judged by. */
  async #leave(state: JudgementState): Promise<void> {
    const { board, results, reports } = this.#parts;
    await this.#unseat(state.name);
    this.#metrics.gone(state);
    this.#told.delete(state.name);
    await results.forget(state.name);
    if (state.origin === 'cluster') await reports.gone(state.name, state.uid);
    board.remove(state.name); // last: when the disk refuses the rest, the next turn says it
  }

  async #unseat(name: string): Promise<void> {
    const seated = this.#seated.get(name);
    this.#seated.delete(name);
    seated?.stop.abort(new DOMException('no longer judged by', 'AbortError'));
    await seated?.running;
  }
}

function isSame(a: JudgementSpec, b: JudgementSpec): boolean {
  return a.uid === b.uid && a.generation === b.generation && a.text === b.text;
}
