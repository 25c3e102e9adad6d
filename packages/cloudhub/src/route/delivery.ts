import type { Change } from '@skerry/shared/change';
import type { Lane } from '@skerry/shared/delivery/outbox';
import type { NodeName } from '@skerry/shared/names';

/** A change that a node has yet to learn, and how urgent it is there. */
export interface News {
  readonly change: Change;
  readonly lane: Lane;
}

/** One node's news. */
export interface Delivery extends News {
  readonly node: NodeName;
}
