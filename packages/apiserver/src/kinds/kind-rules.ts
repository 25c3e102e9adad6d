import type { Clock } from '@skerry/shared/clock';
import type { KubeObject } from '../json.ts';
import type { FieldError } from '../validation/field-error.ts';
import type { Held, StorageKey } from '../storage/held.ts';

/** What a rule may look at besides the object. */
export interface RuleContext {
  readonly clock: Clock;
  readonly find: (key: StorageKey) => Held | undefined;
  readonly list: (resource: string) => readonly Held[];
}

/**
 * What one kind does beyond the rule of all. Each hook is given trees of its own and changes the first
 * in place; any may throw a StatusError to refuse the request.
 */
export interface KindRules {
  /** Fills in what the client left out. Runs on every write, before validation. */
  readonly defaults?: (object: KubeObject) => void;
  /** Sets what only the server decides of a new object. */
  readonly create?: (object: KubeObject, context: RuleContext) => void;
  /** Takes back what a write of the object itself may not change, silently, as Kubernetes does. */
  readonly update?: (next: KubeObject, held: KubeObject, context: RuleContext) => void;
  /** What the object breaks beyond the rules of its built-in schema. */
  readonly validate?: (object: KubeObject) => FieldError[];
  /** Seconds that a deleted object stays, for its holder to end it. Absent: it goes at once. */
  readonly graceSeconds?: (object: KubeObject, asked: number | undefined) => number;
  /** Marks an object whose deletion has begun. */
  readonly deleting?: (object: KubeObject, context: RuleContext) => void;
  /** Something other than `metadata.finalizers` holds a deleted object. */
  readonly isHeldBack?: (object: KubeObject) => boolean;
  /** A client that does not say what becomes of dependents wants to keep them, as old ones did. */
  readonly orphansDependents?: true;
  /** What a delete answers when the object is gone: a Status, unless this says the last state. */
  readonly deletedAnswer?: 'object';
}
