import type { Task } from '@skerry/shared/supervise';
import type { RestParts } from '../rest/call.ts';
import { ClusterClient } from './client/cluster-client.ts';
import type { ControllerParts } from './client/controller-parts.ts';
import { runCronJobs } from './cron-job/run-cron-jobs.ts';
import { runDaemonSets } from './daemon-set/run-daemon-sets.ts';
import { runDeployments } from './deployment/run-deployments.ts';
import { runEndpoints } from './endpoints/run-endpoints.ts';
import { runGarbage } from './garbage/run-garbage.ts';
import { runJobs } from './job/run-jobs.ts';
import { runEvictions } from './nodes/run-evictions.ts';
import { runReplicaSets } from './replica-set/run-replica-sets.ts';
import { runScheduler } from './scheduling/run-scheduler.ts';
import { runStatefulSets } from './stateful-set/run-stateful-sets.ts';
import { runVolumes } from './volumes/run-volumes.ts';

/**
 * How much of a cluster the server is beyond its API: nothing, so that somebody else's controllers work
 * upon it; the controllers; or the scheduler as well.
 */
export type ClusterRole = 'api' | 'controllers' | 'cluster';

type Run = (parts: ControllerParts, signal: AbortSignal) => Promise<void>;

const controllers: Readonly<Record<string, Run>> = {
  garbage: runGarbage,
  replicaSets: runReplicaSets,
  deployments: runDeployments,
  daemonSets: runDaemonSets,
  statefulSets: runStatefulSets,
  jobs: runJobs,
  cronJobs: runCronJobs,
  endpoints: runEndpoints,
  evictions: runEvictions,
  volumes: runVolumes,
};

/** What a cluster does by itself, each a task of its own. Idle, they wait for changes and nothing else. */
export function clusterTasks(role: ClusterRole, parts: RestParts): Readonly<Record<string, Task>> {
  if (role === 'api') return {};
  const shared: ControllerParts = { ...parts, client: new ClusterClient(parts) };
  const all = role === 'cluster' ? { ...controllers, scheduler: runScheduler } : controllers;
  const tasks = Object.entries(all).map(([name, run]): [string, Task] => [
    name,
    (signal) => run({ ...shared, log: parts.log.child({ controller: name }) }, signal),
  ]);
  return Object.fromEntries(tasks);
}
