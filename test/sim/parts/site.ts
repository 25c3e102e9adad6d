import type { NodeName } from '@skerry/shared/names';
import type { SimCluster } from './cluster.ts';
import type { Holdings } from './holdings.ts';
import type { Machine, WallClock } from './machine.ts';
import type { ReportBook } from './reports.ts';
import type { SimDisk } from './disk.ts';
import type { Timeline } from './timeline.ts';

/** What all sites share. */
export interface SiteParts {
  readonly timeline: Timeline;
  readonly cluster: SimCluster;
  readonly reports: ReportBook;
  readonly holdings: (node: NodeName) => Holdings;
}

/** A computer: its disk and wall clock outlive the process that runs on it. */
export interface Site {
  readonly name: string;
  readonly wall: WallClock;
  readonly disk: SimDisk;
  readonly machine: Machine | undefined;
  readonly isUp: boolean;
  start(): void;
  /** The process is gone, whatever it was doing. */
  kill(): void;
  /** The process ends in peace. */
  stop(): Promise<void>;
  /** The disk is lost. Only while the process is gone. */
  wipe(): void;
}
