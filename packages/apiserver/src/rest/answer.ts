import type { JsonObject } from '../json.ts';
import type { StatusError } from '../status-error.ts';
import type { Held, Revision } from '../storage/held.ts';

/** What a watch tells its client. */
export type WatchFrame =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly held: Held }
  /** Everything up to `revision` has been told; `initial` ends the state a watch began with. */
  | { readonly type: 'BOOKMARK'; readonly revision: Revision; readonly initial: boolean }
  | { readonly type: 'ERROR'; readonly error: StatusError };

/** What a verb answers; the door turns it into what the client accepts. */
export type Answer =
  | { readonly type: 'object'; readonly status: number; readonly held: Held }
  | { readonly type: 'list'; readonly list: ListAnswer }
  /** A body that is no stored object: a Status, a Scale, a review. */
  | { readonly type: 'plain'; readonly status: number; readonly body: JsonObject }
  /** Lines of text, as they come, for example a log. */
  | { readonly type: 'text'; readonly chunks: (signal: AbortSignal) => AsyncIterable<string> }
  /** Frames come in batches: all there were when the client could take more. */
  | { readonly type: 'watch'; readonly frames: (signal: AbortSignal) => Frames };

export type Frames = AsyncGenerator<readonly WatchFrame[], void>;

export interface ListAnswer {
  readonly items: readonly Held[];
  readonly revision: Revision;
  /** Where the next page begins. */
  readonly continue?: string | undefined;
  /** How many objects follow this page, where that is known. */
  readonly remaining?: number | undefined;
}
