/** Where the local API says how the node is; for its administrator. */
export const statusPath = '/skerry.io/status';

/** How a node is, beside its objects. */
export interface SiteReport {
  readonly node: string;
  /** RFC 3339; null while there is a session with a hub. */
  readonly cutOffSince: string | null;
  /** Since when the disk takes nothing, RFC 3339, and why; null while it does. */
  readonly diskRefuses: { readonly since: string; readonly why: string } | null;
  /** Reports that the cluster has not accepted yet. */
  readonly reportsWaiting: number;
}
