import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { authority } from '@skerry/shared/authority';
import type { Clock, Random } from '@skerry/shared/clock';
import type { Log } from '@skerry/shared/log';
import { measuredStore } from '@skerry/shared/measured-store';
import { noMetrics, type Metrics } from '@skerry/shared/metrics';
import { supervise, type Task } from '@skerry/shared/supervise';
import { AuditFile, type AuditLimits } from './audit/audit-file.ts';
import { auditTo, noAudit, type Audit } from './audit/audit-trail.ts';
import { Rbac } from './auth/rbac.ts';
import { ensureSigningKey } from './auth/signing-key.ts';
import { KnownTokens } from './auth/token-file.ts';
import { TokenSigner } from './auth/token-signer.ts';
import { runAggregatedRoles } from './controllers/aggregated-roles.ts';
import { runCertificateSigner } from './controllers/certificate-signer.ts';
import { clusterTasks, type ClusterRole } from './controllers/cluster-controllers.ts';
import { makeDefaultRoles } from './controllers/default-roles.ts';
import { followDefinitions, loadDefinitions } from './controllers/definitions.ts';
import { runDefinitionCleanup } from './controllers/definition-cleanup.ts';
import { runEventExpiry } from './controllers/event-expiry.ts';
import { makeBuiltinNamespaces, runNamespaces } from './controllers/namespaces.ts';
import { makePriorityClasses } from './controllers/priority-classes.ts';
import { runOrphanedPods } from './controllers/orphaned-pods.ts';
import { makeDefaultClass } from './controllers/volumes/default-class.ts';
import { Door, tlsServer, type ServerTls } from './http/door.ts';
import { measuredRequests } from './http/measured-requests.ts';
import { servedBy } from './served-by.ts';
import { builtins } from './registry/builtins.ts';
import { Registry } from './registry/registry.ts';
import type { RestParts } from './rest/call.ts';
import { openObjectStore, type ObjectStore } from './storage/object-store.ts';

export interface ApiServerOptions {
  readonly dataDir: string;
  readonly host: string;
  /** 0: a free one, chosen by the system. */
  readonly port: number;
  readonly tls: ServerTls;
  /** PEM: the key of `tls.ca`, to sign client certificates that are approved. Absent: nobody does. */
  readonly authorityKey?: string | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: Random;
  /** Who has which token, beside ServiceAccounts. */
  readonly knownTokens?: KnownTokens | undefined;
  /** Where it is written down who did what. Absent: nowhere. */
  readonly auditLog?: (AuditLimits & { readonly path: string }) | undefined;
  /** Absent: nothing is measured. */
  readonly metrics?: Metrics;
  /** Absent: the whole cluster. */
  readonly role?: ClusterRole;
}

/** A Kubernetes API over one LevelDB. Disposing ends watches and controllers and closes the store. */
export interface ApiServer extends AsyncDisposable {
  /** For example `https://127.0.0.1:6443`. */
  readonly url: string;
}

/** What decides who asks, and what they may do. */
async function accessParts(
  store: ObjectStore,
  { dataDir, clock, knownTokens = new KnownTokens() }: ApiServerOptions,
): Promise<Pick<RestParts, 'authorizer' | 'signer' | 'knownTokens' | 'mountsTokens'>> {
  const key = await ensureSigningKey(join(dataDir, 'service-account.key'));
  const signer = new TokenSigner({ key, clock });
  return { authorizer: new Rbac(store), signer, knownTokens, mountsTokens: true };
}

async function openAudit(
  { auditLog, clock, log, metrics = noMetrics }: ApiServerOptions,
  opened: AsyncDisposableStack,
): Promise<Audit> {
  if (!auditLog) return noAudit;
  const { path, ...limits } = auditLog;
  const file = opened.use(await AuditFile.open({ path, limits, metrics, log }));
  return auditTo(file, clock, randomUUID);
}

function signers(parts: RestParts, { tls, authorityKey }: ApiServerOptions): Record<string, Task> {
  if (authorityKey === undefined) return {};
  const authority = { cert: tls.ca, key: authorityKey };
  return { signer: (signal) => runCertificateSigner({ ...parts, authority }, signal) };
}

/** What every cluster has from the start. */
async function furnish(parts: RestParts, role: ClusterRole): Promise<void> {
  await makeBuiltinNamespaces(parts);
  await makeDefaultRoles(parts);
  await makePriorityClasses(parts);
  if (role !== 'api') await makeDefaultClass(parts);
}

function openObjects({
  dataDir,
  metrics,
  clock,
}: Required<Pick<ApiServerOptions, 'dataDir' | 'metrics' | 'clock'>>): Promise<ObjectStore> {
  const directory = join(dataDir, 'objects');
  const measured = measuredStore({ metrics, clock }, { store: 'api', directory });
  return openObjectStore({ ...measured, directory, now: () => clock.now() });
}

/**
 * Serves the API once it resolves. Throws Misconfiguration when another process owns `dataDir` or
 * it cannot be read, and PortInUse when one listens on the port.
 */
export async function openApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { dataDir, host, port, tls, clock, random, role = 'cluster' } = options;
  const { metrics = noMetrics } = options;
  const log = options.log.child({ room: 'api' });
  await using opened = new AsyncDisposableStack();
  const store = opened.use(await openObjects({ dataDir, metrics, clock }));
  const registry = new Registry(builtins);
  loadDefinitions(store, registry);
  const parts = {
    ...{ store, registry, clock, random, log },
    ...(await accessParts(store, options)),
  };
  await furnish(parts, role);
  const ending = new AbortController();
  const controllers = supervise(ending.signal, {
    definitions: (signal) => followDefinitions(store, registry, signal),
    cleanup: (signal) => runDefinitionCleanup(parts, signal),
    events: (signal) => runEventExpiry(parts, signal),
    ...signers(parts, options),
    roles: (signal) => runAggregatedRoles(parts, signal),
    orphans: (signal) => runOrphanedPods(parts, signal),
    namespaces: (signal) => runNamespaces({ ...parts, authority: tls.ca }, signal),
    ...clusterTasks(role, parts),
  }).catch((error: unknown) => log.error({ err: error }, 'the controllers have ended'));
  opened.defer(async () => {
    ending.abort();
    await controllers;
  });
  const audit = await openAudit(options, opened); // before the door: it hears of the last requests
  const served = servedBy(parts, measuredRequests(metrics, clock), audit);
  const door = opened.use(new Door(served, tlsServer(tls)));
  const taken = await door.listen({ host, port });
  const parted = opened.move();
  return {
    url: `https://${authority(host, taken)}`,
    [Symbol.asyncDispose]: () => parted.disposeAsync(),
  };
}
