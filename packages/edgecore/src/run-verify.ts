import { join } from 'node:path';
import { authority } from '@skerry/shared/authority';
import { systemClock } from '@skerry/shared/clock';
import type { Said } from '@skerry/shared/command-line';
import { EdgeError, codeOf } from '@skerry/shared/errors';
import { silentLog } from '@skerry/shared/log';
import { noMetrics } from '@skerry/shared/metrics';
import { openStore, type Store } from '@skerry/shared/store';
import type { EdgeCoreConfig } from './config.ts';
import { HeardValues } from './devices/heard-values.ts';
import { wantedJudgements } from './judgement/held-judgements.ts';
import { JudgementFiles } from './judgement/judgement-files.ts';
import { verificationText } from './judgement/verification-text.ts';
import { verify, type Verification } from './judgement/verifier.ts';
import { MetaStore } from './meta/meta-store.ts';
import { nodeOfCertificate, readIdentity } from './link/identity.ts';
import { ReportOutbox } from './link/report-outbox.ts';
import { machineRuntimes, type Runtimes } from './runtime/runtimes.ts';

/** The judgement cannot be verified by; the message says why. */
class NotVerified extends EdgeError {
  readonly code = 'judgement.not-verified';
  readonly disposition = 'fatal';
}

/** How long a container engine may take to say that it is there, milliseconds. */
const engineMs = 5_000;

/** Prints what the verifier finds; the exit code says whether services could start. */
export async function runVerify(config: EdgeCoreConfig, said: Said): Promise<void> {
  const names = new Set(said.words);
  const all = (await askAgent(config, said.words)) ?? (await verifyByItself(config, names));
  const found = all.filter(({ judgement }) => names.size === 0 || names.has(judgement));
  const missing = [...names].filter((name) => !found.some(({ judgement }) => judgement === name));
  if (missing.length > 0)
    throw new NotVerified(`this node has no StatusJudgement ${missing.join(', ')}`);
  process.stdout.write(said.text('output') === 'json' ? json(found) : table(found));
  if (found.some(({ verdict }) => verdict === 'Blocked')) process.exitCode = 1;
}

function json(found: readonly Verification[]): string {
  return `${JSON.stringify(found, undefined, 2)}\n`;
}

function table(found: readonly Verification[]): string {
  if (found.length === 0) return 'this node has no StatusJudgement: there is nothing to verify\n';
  return `${found.map(verificationText).join('\n\n')}\n`;
}

/** Undefined when no agent runs here. */
async function askAgent(
  { metrics: { host, port } }: EdgeCoreConfig,
  names: readonly string[],
): Promise<readonly Verification[] | undefined> {
  const agent = authority(host, port);
  const [only] = names;
  const query =
    names.length === 1 && only !== undefined ? `?judgement=${encodeURIComponent(only)}` : '';
  try {
    const answer = await fetch(`http://${agent}/verify${query}`);
    if (!answer.ok) throw new NotVerified(`the agent at ${agent} answers ${answer.status}`);
    return (await answer.json()) as readonly Verification[];
  } catch (error) {
    if (codeOf((error as Error).cause) === 'ECONNREFUSED') return undefined;
    throw error;
  }
}

async function verifyByItself(
  config: EdgeCoreConfig,
  names: ReadonlySet<string>,
): Promise<readonly Verification[]> {
  const signal = new AbortController();
  const now = (): number => systemClock.now();
  await using store = await openStore(join(config.dataDir, 'meta'), { whenCorrupt: 'fail', now });
  const node = nodeOfCertificate((await readIdentity(config.tls)).cert, config.nodeName);
  const runtimes = machineRuntimes({
    dockerAddress: config.docker.host,
    owner: config.docker.owner ?? node,
    seccompDir: join(config.dataDir, 'seccomp'),
    processStateDir: join(config.dataDir, 'processes'),
    hostAddress: () => undefined,
    clock: systemClock,
    log: silentLog,
    metrics: noMetrics,
  });
  const running = runtimes.run(signal.signal);
  try {
    await answered(runtimes);
    return await verifyAll(config, names, { store, runtimes }, signal.signal);
  } finally {
    signal.abort(new DOMException('verified', 'AbortError'));
    await running;
  }
}

async function verifyAll(
  config: EdgeCoreConfig,
  names: ReadonlySet<string>,
  { store, runtimes }: { readonly store: Store; readonly runtimes: Runtimes },
  signal: AbortSignal,
): Promise<readonly Verification[]> {
  const objects = await MetaStore.open(store);
  const { reports: policies, dataDir, tls } = config;
  const outbox = await ReportOutbox.open({
    ...{ store, policies, clock: systemClock },
    onDropped: () => undefined,
  });
  const heard = new HeardValues(store);
  const sources = {
    ...{ dataDir, certificate: tls.cert, objects, runtimes, outbox, clock: systemClock },
    hub: { isUp: false, heartbeat: undefined },
    heard: (...asked: Parameters<HeardValues['get']>) => heard.get(...asked),
  };
  const files = new JudgementFiles(config.judgement.dir, silentLog);
  const wanted = [...(await wantedJudgements(objects, files))];
  const asked = wanted.filter(([name]) => names.size === 0 || names.has(name));
  return Promise.all(
    asked.map(([name, one]) => {
      if (one.do === 'refuse') throw new NotVerified(`${name}: ${one.flaw}`);
      return verify(one.spec, sources, signal);
    }),
  );
}

/** Every runtime has said whether it is there, or had its time to. */
async function answered(runtimes: Runtimes): Promise<void> {
  const patience = AbortSignal.timeout(engineMs);
  const isAsked = (): boolean =>
    [...runtimes.health().values()].some(({ phase }) => phase === 'starting');
  while (isAsked() && !patience.aborted)
    await systemClock.sleep(20, patience).catch(() => undefined);
}
