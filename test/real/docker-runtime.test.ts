import { systemClock } from '@skerry/shared/clock';
import { openDockerRuntime } from '@skerry/edgecore/runtime/docker/docker-runtime';
import {
  runtimeContract,
  shellWorkloads,
} from '../../packages/edgecore/src/runtime/testing/runtime-contract.ts';
import { importBusybox, startDockerEngine } from '../support/docker-engine.ts';

runtimeContract('docker', async () => {
  const stack = new AsyncDisposableStack();
  const engine = stack.use(await startDockerEngine());
  const image = await importBusybox(engine);
  const owner = `contract-${crypto.randomUUID()}`;
  const address = `unix://${engine.socketPath}`;
  return {
    open: () => openDockerRuntime({ address, owner, clock: systemClock }),
    image,
    imageUser: '',
    usesImages: true,
    workloads: shellWorkloads,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
});
