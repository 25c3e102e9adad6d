import { EdgeError } from '@skerry/shared/errors';

/**
 * What the pod asks for cannot be had now: a ConfigMap is missing, a field is none. The message is
 * the one a kubelet gives; it becomes the reason why a container waits.
 */
export class PodUnfit extends EdgeError {
  readonly code = 'pods.unfit';
  readonly disposition = 'reject';
}

/** What the pod asks for is on its way: no fault of anybody's, and nothing to tell yet. */
export class PodAwaits extends PodUnfit {}

/** What `compose` answers, or why it cannot. */
export type Fitted<T> =
  | { readonly fits: true; readonly value: T }
  | {
      readonly fits: false;
      readonly message: string;
      /** It is on its way. */
      readonly isAwaited?: boolean;
    };

/** Turns PodUnfit into an answer; anything else is thrown on. */
export function fitted<T>(compose: () => T): Fitted<T> {
  try {
    return { fits: true, value: compose() };
  } catch (error) {
    if (error instanceof PodAwaits) return { fits: false, message: error.message, isAwaited: true };
    if (error instanceof PodUnfit) return { fits: false, message: error.message };
    throw error;
  }
}
