import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { Rbac } from '@skerry/apiserver/auth/rbac';
import { OpenApiDocuments } from '@skerry/apiserver/discovery/open-api';
import { noAudit } from '@skerry/apiserver/audit/audit-trail';
import { Door } from '@skerry/apiserver/http/door';
import type { Served } from '@skerry/apiserver/http/handler';
import { measuredRequests } from '@skerry/apiserver/http/measured-requests';
import { answerPlainPath } from '@skerry/apiserver/http/plain-paths';
import { send, type Reply } from '@skerry/apiserver/http/reply';
import type { KubeObject } from '@skerry/apiserver/json';
import type { Registry } from '@skerry/apiserver/registry/registry';
import { kubeTime } from '@skerry/shared/clock';
import { codeOf, messageOf } from '@skerry/shared/errors';
import type { ObjectKey, ResourceName } from '@skerry/shared/names';
import { parseJson } from '@skerry/shared/parse-json';
import { WorkQueue, work } from '@skerry/shared/workqueue';
import type { HeldObject } from '../meta/object-reader.ts';
import { compose, type Known } from './compose.ts';
import type { Credentials } from './credentials.ts';
import { TlsDoors } from './tls-doors.ts';
import type { Admitting, Origin } from './front.ts';
import { HeldView } from './held-view.ts';
import { localRegistry, servedResources } from './kinds.ts';
import { ClusterReader } from './fetching/cluster-reader.ts';
import { FetchedReads } from './fetching/fetched-reads.ts';
import { FetchedStore } from './fetching/fetched-store.ts';
import type { LocalParts } from './local-parts.ts';
import { LocalUsers, withDiscovery } from './local-users.ts';
import { isOfThisMachine } from './peer-process.ts';
import { pendingWords } from './pending.ts';
import { performer } from './perform.ts';
import { PodAccounts } from './pod-accounts.ts';
import { statusPath, type SiteReport } from './site-report.ts';
import { beginLine } from './version-line.ts';

/** How soon an object that could not be read is looked at again, milliseconds. */
const retryMs = 1_000;

/** What answers at the local API. Disposing ends every watch and request. */
export interface LocalApi extends Admitting, AsyncDisposable {}

/** The engine of the API over what the node holds; everything heavy is loaded with this module. */
export async function openLocalApi(parts: LocalParts, credentials: Credentials): Promise<LocalApi> {
  await using opened = new AsyncDisposableStack();
  const registry = await localRegistry();
  const view = await openView(parts, opened);
  const privates = new WeakSet<Socket>();
  const kept = await openFetched(parts);
  const reader = new ClusterReader(parts.hub);
  const fetched = new FetchedReads({ ...parts, view, kept, reader });
  const served = servedBy(parts, { view, registry, credentials, privates, fetched });
  const plain = opened.use(new Door(served, createServer()));
  const tls = opened.use(new TlsDoors(served, credentials));
  const parted = opened.move();
  return {
    admit: async (socket: Socket, origin: Origin) => {
      if (origin === 'private') privates.add(socket);
      if (origin === 'tls') await tls.admit(socket);
      else plain.admit(socket);
    },
    [Symbol.asyncDispose]: () => parted.disposeAsync(),
  };
}

/** Follows what changes until `opened` is disposed. */
async function openView(parts: LocalParts, opened: AsyncDisposableStack): Promise<HeldView> {
  const { store, clock, log, listen } = parts;
  const queue = new WorkQueue<ObjectKey>();
  opened.defer(listen((key) => queue.add(key))); // before anything is read: no change slips through
  const view = await HeldView.open({
    look: (key) => look(parts, key),
    keys: () => keysOf(parts),
    first: await beginLine(store, clock.now()),
  });
  const ending = new AbortController();
  const following = work(
    {
      ...{ queue, clock, workers: 4 },
      reconcile: async (key) => {
        await view.refresh(key);
        return undefined;
      },
      failed: (key, error) => {
        log.warn({ key, code: codeOf(error), error: messageOf(error) }, 'object not shown');
        return { afterMs: retryMs };
      },
    },
    ending.signal,
  );
  opened.defer(async () => {
    ending.abort(new DOMException('the local API ends', 'AbortError'));
    await following.catch(() => undefined);
  });
  return view;
}

async function keysOf({ objects, told }: LocalParts): Promise<Set<ObjectKey>> {
  const held = await Promise.all(
    servedResources.map((resource) => objects.list(resource as ResourceName)),
  );
  return new Set([...held.flat().map(({ key }) => key), ...told.keys()]);
}

async function look(
  { objects, told, writes, silences }: LocalParts,
  key: ObjectKey,
): Promise<KubeObject | undefined> {
  const held = await objects.get(key);
  const pending = silences.isPending(key)
    ? ['creation']
    : pendingWords(writes.pendingOf(key), held?.uid ?? '');
  return compose(key, held && { ...knownOf(held), pending }, told.get(key));
}

/** What no API server has a version of is of this node's own making. */
function knownOf({ object, version }: HeldObject): Omit<Known, 'pending'> {
  return {
    object: parseJson(object) as KubeObject,
    cloudVersion: version > 1n ? String(version) : undefined,
  };
}

async function openFetched({ store, clock, metrics }: LocalParts): Promise<FetchedStore> {
  const dropped = metrics.counter(
    'fetched_dropped_total',
    'Objects read through the hub that are kept no more: there was too much, or they were too old.',
    ['reason'],
  );
  const kept = await FetchedStore.open(store, clock, (reason) => dropped.inc({ reason }));
  const help = 'What is kept of what was read through the hub.';
  metrics.gaugeOf('fetched_bytes', help, () => kept.bytes);
  return kept;
}

interface Opened {
  readonly view: HeldView;
  readonly registry: Registry;
  readonly credentials: Credentials;
  readonly privates: WeakSet<Socket>;
  readonly fetched: FetchedReads;
}

function servedBy(parts: LocalParts, opened: Opened): Served {
  const { view, registry, credentials, privates } = opened;
  const { metrics, clock, log } = parts;
  const accounts = new PodAccounts(parts);
  const uid = process.getuid?.() ?? 0;
  const users = new LocalUsers({
    adminToken: credentials.token,
    accountOf: (token) => accounts.accountOf(token),
    isOfThisMachine: (ends) => isOfThisMachine(ends, { uid }),
    isPrivate: (socket) => privates.has(socket),
  });
  const openApi = new OpenApiDocuments(registry);
  return {
    ...{ registry, clock, log },
    measured: measuredRequests(metrics, clock),
    audit: noAudit,
    authorizer: withDiscovery(new Rbac(view)),
    whoAsks: (request) => users.whoAsks(request),
    perform: performer(parts, { ...opened, askerOf: (user) => users.askerOf(user) }),
    sendPlainPath: async (path, { headers }, response) => {
      if (path === statusPath) send(response, reportOf(parts));
      else send(response, await answerPlainPath({ registry, openApi }, path, headers.accept ?? ''));
    },
  };
}

function reportOf({ node, cutOff, disk: { refusal }, reportsWaiting }: LocalParts): Reply {
  const report: SiteReport = {
    node,
    cutOffSince: cutOff.since === undefined ? null : kubeTime(cutOff.since),
    diskRefuses: refusal ? { since: kubeTime(refusal.since), why: refusal.why } : null,
    reportsWaiting: reportsWaiting(),
  };
  return { type: 'application/json', body: JSON.stringify(report) };
}
