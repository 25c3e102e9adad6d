/** Where the local API says how the node is; for its administrator. */
export const statusPath = '/skerry.io/status';

/** How a node is, beside its objects. */
export interface SiteReport {
  readonly node: string;
  /** RFC 3339; null while there is a session with a hub. */
  readonly cutOffSince: string | null;
  /** Reports that the cluster has not accepted yet. */
  readonly reportsWaiting: number;
}
