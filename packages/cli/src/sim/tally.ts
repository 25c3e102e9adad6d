import { Latencies } from './latencies.ts';

/** What a simulation has counted since it began. */
export class Tally {
  connected = 0;
  level = 0;
  /** Changes taken in by all nodes. */
  changes = 0;
  reportsAccepted = 0;
  reportsRefused = 0;
  /** Ends of sessions and failed attempts, by code. */
  readonly failures: Map<string, number> = new Map();
  /** From asking the API for a change until it is durable at the node. */
  readonly changeMs: Latencies = new Latencies();
  /** From a report until the API server has accepted it. */
  readonly reportMs: Latencies = new Latencies();

  failed(code: string): void {
    this.failures.set(code, (this.failures.get(code) ?? 0) + 1);
  }
}
