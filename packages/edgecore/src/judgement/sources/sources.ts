import type { SourceType } from '../judgement-spec.ts';
import { clockOffset } from './clock-offset.ts';
import { container } from './container.ts';
import { log } from './log.ts';
import { cpu, disk, load, memory, temperature } from './machine.ts';
import { certificate, command, device, engine, hub } from './own-state.ts';
import { dns, http, icmp, tcp } from './reach.ts';
import type { OpenSource } from './source.ts';

/** Everything that a unit can measure: a further source is a further row, and a field in the CRD. */
export const sources: Readonly<Record<SourceType, OpenSource>> = {
  cpu,
  memory,
  disk,
  load,
  temperature,
  clockOffset,
  icmp,
  tcp,
  http,
  dns,
  hub,
  engine,
  container,
  log,
  device,
  certificate,
  command,
};
