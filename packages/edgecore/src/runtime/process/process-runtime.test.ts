import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@skerry/shared/clock';
import { runtimeContract, shellWorkloads } from '../testing/runtime-contract.ts';
import { openProcessRuntime } from './process-runtime.ts';

runtimeContract('process', async () => {
  const stateDir = await mkdtemp(join(tmpdir(), 'process-runtime-'));
  return {
    open: () =>
      openProcessRuntime({ stateDir, hostAddress: () => '192.0.2.1', clock: systemClock }),
    image: 'no/image:needed',
    usesImages: false,
    workloads: shellWorkloads,
    [Symbol.asyncDispose]: () => rm(stateDir, { recursive: true }),
  };
});
