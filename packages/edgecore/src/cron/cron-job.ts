import type { PodObject } from '../pods/pod.ts';

/** Where a CronJob is run from: with `edge`, by the node that its pods name, whether it is connected or not. */
export const runAtAnnotation = 'edge.skerry.io/run-at';
/**
 * Stands in for `spec.suspend` at the edge. A cluster's own controller leaves a CronJob alone only while it
 * is suspended; one that the edge runs says `suspend: true` there, and "false" here.
 */
export const suspendAnnotation = 'edge.skerry.io/suspend';

/**
 * The fields of a CronJob that the agent reads, named and shaped as in the API.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/cron-job-v1/
 */
export interface CronJobObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly schedule: string;
    readonly timeZone?: string;
    readonly startingDeadlineSeconds?: number;
    readonly concurrencyPolicy?: ConcurrencyPolicy;
    readonly suspend?: boolean;
    readonly successfulJobsHistoryLimit?: number;
    readonly failedJobsHistoryLimit?: number;
    readonly jobTemplate: { readonly spec: JobSpec };
  };
  readonly status?: { readonly lastScheduleTime?: string };
}

export type ConcurrencyPolicy = 'Allow' | 'Forbid' | 'Replace';

export interface JobSpec {
  readonly backoffLimit?: number;
  readonly activeDeadlineSeconds?: number;
  readonly parallelism?: number;
  readonly completions?: number;
  readonly template: {
    readonly metadata?: {
      readonly labels?: Readonly<Record<string, string>>;
      readonly annotations?: Readonly<Record<string, string>>;
    };
    readonly spec: PodObject['spec'];
  };
}

export function isSuspended({ metadata, spec }: CronJobObject): boolean {
  const said = metadata.annotations?.[suspendAnnotation];
  return said === undefined ? spec.suspend === true : said !== 'false';
}
