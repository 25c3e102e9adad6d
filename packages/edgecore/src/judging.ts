import type { DaemonParts } from '@skerry/shared/daemon';
import { type Check, type Route, type Routes } from '@skerry/shared/health';
import type { NodeName } from '@skerry/shared/names';
import type { Store } from '@skerry/shared/store';
import { aborted, type Task } from '@skerry/shared/supervise';
import type { EdgeCoreConfig } from './config.ts';
import type { HeardValues } from './devices/heard-values.ts';
import type { Dirty } from './dirty-keys.ts';
import { wantedJudgements } from './judgement/held-judgements.ts';
import { JudgementBoard, worstOf } from './judgement/judgement-board.ts';
import { JudgementFiles } from './judgement/judgement-files.ts';
import { JudgementReports } from './judgement/judgement-reports.ts';
import type { JudgementSpec } from './judgement/judgement-spec.ts';
import { judgementsView } from './judgement/judgement-view.ts';
import { ResultStore } from './judgement/result-store.ts';
import { runJudgement } from './judgement/run-judgement.ts';
import type { SourceParts } from './judgement/sources/source.ts';
import { runVerifier, verifiedStart } from './judgement/verified-start.ts';
import { verify, type Verification } from './judgement/verifier.ts';
import type { LinkState } from './link/link-state.ts';
import type { ReportOutbox } from './link/report-outbox.ts';
import type { ObjectReader } from './meta/object-reader.ts';
import type { Runtimes } from './runtime/runtimes.ts';

/** What the judgement room shares with the others. */
export interface JudgingShared {
  readonly node: NodeName;
  readonly store: Store;
  readonly objects: ObjectReader;
  readonly reports: ReportOutbox;
  readonly runtimes: Runtimes;
  readonly state: LinkState;
  readonly heard: HeardValues;
  readonly dirty: Dirty;
}

/** How the node fares, wired: the room's tasks, and what the rest of the agent has of it. */
export interface Judging {
  readonly board: JudgementBoard;
  readonly results: ResultStore;
  readonly tasks: Readonly<Record<'judgement' | 'start', Task>>;
  /** Resolves when the services may start. */
  readonly started: Promise<void>;
  /** One verification, by the name of a judgement of this node; undefined when there is none. */
  readonly verify: (name: string, signal: AbortSignal) => Promise<Verification | undefined>;
  readonly ready: Check;
  /** `/judgements` and `/verify`. */
  readonly routes: Routes;
}

type Parts = DaemonParts<EdgeCoreConfig>;

export async function openJudging(parts: Parts, shared: JudgingShared): Promise<Judging> {
  const { config, clock } = parts;
  const { node, store, objects, reports: reporter, dirty } = shared;
  const log = parts.log.child({ room: 'judgement' });
  const board = new JudgementBoard();
  const results = await ResultStore.open(store, config.judgement.results);
  const files = new JudgementFiles(config.judgement.dir, log);
  const reports = new JudgementReports({ node, reporter, clock, log });
  const sources = sourceParts(parts, shared);
  const room = { ...parts, objects, files, board, results, reports, sources, log };
  const specs = async (): Promise<readonly JudgementSpec[]> => {
    const wanted = [...(await wantedJudgements(objects, files)).values()];
    return wanted.flatMap((one) => (one.do === 'judge' ? one.spec : []));
  };
  const { promise: started, resolve } = Promise.withResolvers<undefined>();
  const begun = {
    awaited: async () => (await specs()).filter(({ verifyStart }) => verifyStart),
    verify: (spec: JudgementSpec, s: AbortSignal) => verify(spec, sources, s),
  };
  const verifyNamed: Judging['verify'] = async (name, signal) => {
    const spec = (await specs()).find((one) => one.name === name);
    return spec && (await runVerifier({ ...begun, log }, spec, signal));
  };
  const start: Task = async (s) => {
    await verifiedStart({ ...begun, board, reports, clock, log }, s);
    resolve(undefined);
    await aborted(s);
  };
  const judgements: Route = (query) => {
    const past = Number(query.get('past') ?? 0) || 0;
    return judgementsView(node, board, results, { past, now: clock.now() });
  };
  return {
    ...{ board, results, started, verify: verifyNamed },
    tasks: { judgement: (s) => runJudgement({ ...room, dirty: dirty.judgements }, s), start },
    ready: () => remark(board),
    routes: { judgements, verify: verifyRoute(verifyNamed, specs) },
  };
}

/** `GET /verify?judgement=NAME`; one at a time, for it costs what it costs. */
function verifyRoute(
  verifyNamed: Judging['verify'],
  specs: () => Promise<readonly JudgementSpec[]>,
): Route {
  let last: Promise<unknown> = Promise.resolve();
  return (query) => {
    const asked = query.get('judgement');
    const answer = last.then(async () => {
      const names = asked === null ? (await specs()).map(({ name }) => name) : [asked];
      const patience = AbortSignal.timeout(verifyWithinMs);
      const found = await Promise.all(names.map((name) => verifyNamed(name, patience)));
      return found.flatMap((one) => one ?? []);
    });
    last = answer.catch(() => undefined);
    return answer;
  };
}

/** The longest that a unit may take, twice, and what comes before and after. */
const verifyWithinMs = 620_000;

/** Of use, unless what is judged is Blocked. */
function remark(board: JudgementBoard): ReturnType<Check> {
  if (board.start.phase === 'held') return `services are held back: ${board.start.why}`;
  const worst = worstOf(board.list());
  if (!worst) return undefined;
  const said = worst.of.map(({ name, why }) => `${name} is ${worst.verdict}: ${why}`).join('; ');
  return worst.verdict === 'Blocked' ? said : { note: worst.verdict === 'Ready' ? 'Ready' : said };
}

function sourceParts({ config, clock }: Parts, shared: JudgingShared): SourceParts {
  const { objects, runtimes, state, reports, heard } = shared;
  return {
    dataDir: config.dataDir,
    certificate: config.tls.cert,
    objects,
    runtimes,
    hub: state,
    outbox: reports,
    heard: (...asked) => heard.get(...asked),
    clock,
  };
}
