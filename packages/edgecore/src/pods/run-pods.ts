import { mkdir } from 'node:fs/promises';
import { codeOf, messageOf } from '@skerry/shared/errors';
import type { ObjectKey } from '@skerry/shared/names';
import { behind, supervise, type Task } from '@skerry/shared/supervise';
import { WorkQueue, work, type Requeue } from '@skerry/shared/workqueue';
import { ask } from '../probes/ask.ts';
import { Prober } from '../probes/prober.ts';
import { adopt } from './adoption.ts';
import { Background } from './background.ts';
import type { TurnParts } from './held-turn.ts';
import { measuredPods } from './measured-pods.ts';
import { PodEvents } from './pod-events.ts';
import type { PodsParts } from './pods-parts.ts';
import { keepHouse } from './housekeeping.ts';
import { podKey } from './pod-key.ts';
import { PodNews } from './pod-news.ts';
import { PodRecords } from './pod-records.ts';
import { openPodRoom } from './pod-room.ts';
import { PodReconciler } from './reconciler.ts';
import { watchSizes } from './size-limits.ts';
import { StaticPods } from './static/static-pods.ts';
import { PodTokens } from './tokens/pod-tokens.ts';

export type { PodsParts } from './pods-parts.ts';

/** Pods worked on at once; more would only queue up in the engine. */
const WORKERS = 8;
/** What failed is tried again so soon, unless news wakes it earlier. */
const RETRY_MS = 5000;

/**
 * Runs the pods that the node holds, adopts those that run already, and ends those that it does not
 * hold. Containers outlive it: when `signal` aborts it only stops looking after them.
 */
export async function runPods(parts: PodsParts, signal: AbortSignal): Promise<void> {
  const { dirty, log, runtimes } = parts;
  await mkdir(parts.podsDir, { recursive: true, mode: 0o700 });
  const adoption = new WorkQueue<'adopt'>();
  const news = new PodNews(dirty);
  const background = new Background((key) => news.heard(key), log);
  const events = new PodEvents(parts);
  const isComplete = completion(parts, () => adoption.add('adopt'));
  const tokens = await openTokens(parts);
  const objects = await openStatic(parts);
  const records = new PodRecords(parts.store);
  const room = await openPodRoom({ ...parts, objects, records });
  const measured = measuredPods(parts.metrics);
  const prober = new Prober({ ...parts, ask, answered: measured.answered });
  const made = { news, background, events, isComplete, tokens, records, prober, measured };
  const turn: TurnParts = { ...parts, ...room, objects, ...made };
  const reconciler = new PodReconciler(turn);
  const unlisten = runtimes.listen((told) => {
    if (told.type === 'health') adoption.add('adopt');
    else if (told.event.type !== 'attached') news.heard(podKey(told.event.pod));
  });
  const unlistenCut = parts.cutOff?.listen(() => reconciler.turned());
  const once = (task: Task): Task => (parts.started ? behind(parts.started, task) : task);
  try {
    await supervise(signal, {
      ...(room && { house: once((s) => keepHouse({ ...turn, ...room, reconciler }, s)) }),
      runtimes: (s) => runtimes.run(s),
      manifests: (s) => objects.run(s),
      sizes: once((s) => watchSizes({ ...turn, reconciler }, s)),
      adoption: once((s) => workOn(adoption, 1, (_, end) => adopt(turn, end), parts, s)),
      turns: once((s) =>
        workOn(dirty, WORKERS, (key, end) => reconciler.reconcile(key, end), parts, s),
      ),
    });
  } finally {
    unlisten();
    unlistenCut?.();
    await Promise.all([background.settled(), prober.settled()]);
  }
}

async function openStatic(parts: PodsParts): Promise<StaticPods> {
  const { staticDir: directory, dirty } = parts;
  const wake = (key: ObjectKey): void => dirty.add(key);
  return StaticPods.open({ ...parts, directory, wake });
}

function openTokens({ store, tokenSource, dirty, clock, log }: PodsParts): Promise<PodTokens> {
  const wake = (key: ObjectKey): void => dirty.add(key);
  return PodTokens.open({ store, source: tokenSource, wake, clock, log });
}

async function workOn<K extends string>(
  queue: WorkQueue<K>,
  workers: number,
  reconcile: (key: K, signal: AbortSignal) => Promise<Requeue>,
  { clock, log }: PodsParts,
  signal: AbortSignal,
): Promise<void> {
  const failed = (key: K, error: unknown): Requeue => {
    log.warn({ key, code: codeOf(error), error: messageOf(error) }, 'pod turn failed');
    return { afterMs: RETRY_MS };
  };
  await work({ queue, clock, workers, reconcile, failed }, signal);
}

/** Whether what is held is all there is; calls `then` when it becomes so. */
function completion({ complete }: PodsParts, then: () => void): () => boolean {
  let isComplete = complete === undefined;
  void complete?.then(() => {
    isComplete = true;
    then();
  });
  return () => isComplete;
}
