import type { Report } from '@skerry/shared/delivery/report';

/** Takes reports towards the API server, whether or not there is a network now. */
export interface Reporter {
  /**
   * Resolves when the report is on the edge's disk; rejects only when the disk refuses it. What the caller
   * commits to the edge's store after this call is on disk no sooner.
   */
  report(report: Report): Promise<void>;
}
