import type { Clock } from '@skerry/shared/clock';
import { longBucketsSeconds, type Metrics } from '@skerry/shared/metrics';
import type { ContainerRuntime } from './container-runtime.ts';

const callBucketsSeconds = [0.005, 0.01, 0.02, 0.05, ...longBucketsSeconds];

/** What the operations are called that end: names of the Container Runtime Interface. */
const operations = {
  version: 'version',
  list: 'list_pods',
  ensureImage: 'ensure_image',
  imageUser: 'image_user',
  runSandbox: 'run_pod_sandbox',
  removeSandbox: 'remove_pod_sandbox',
  createContainer: 'create_container',
  startContainer: 'start_container',
  stopContainer: 'stop_container',
  removeContainer: 'remove_container',
  execSync: 'exec_sync',
  usage: 'container_stats',
  diskUsage: 'container_disk_usage',
  images: 'list_images',
  removeImage: 'remove_image',
} as const satisfies Partial<Record<keyof ContainerRuntime, string>>;

type Operation = keyof typeof operations;
type Act = (this: ContainerRuntime, ...given: unknown[]) => Promise<unknown>;

/** Measures what is asked of a runtime: how long it took, and whether it was done. */
export function measuredRuntime({
  metrics,
  clock,
}: {
  readonly metrics: Metrics;
  readonly clock: Clock;
}): (runtime: ContainerRuntime) => ContainerRuntime {
  const spans = metrics.histogram(
    'runtime_operation_seconds',
    'Time that a container runtime took, by operation and whether it did it.',
    callBucketsSeconds,
    ['runtime', 'operation', 'outcome'],
  );
  return (runtime) => {
    const timed = async (name: Operation, ...given: unknown[]): Promise<unknown> => {
      const begun = clock.monotonic();
      let outcome = 'error';
      try {
        const done = await (runtime[name] as Act).call(runtime, ...given);
        outcome = 'ok';
        return done;
      } finally {
        const seconds = (clock.monotonic() - begun) / 1_000;
        spans.observe(seconds, { runtime: runtime.name, operation: operations[name], outcome });
      }
    };
    return new Proxy(runtime, {
      get: (of, name) => {
        if (Object.hasOwn(operations, name)) return timed.bind(undefined, name as Operation);
        const value: unknown = Reflect.get(of, name, of);
        return typeof value === 'function' ? (value.bind(of) as unknown) : value;
      },
    });
  };
}
