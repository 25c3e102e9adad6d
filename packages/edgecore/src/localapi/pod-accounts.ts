import { accountGroups, accountUserName, everyone, type User } from '@skerry/apiserver/auth/user';
import type { Clock } from '@skerry/shared/clock';
import { parseJson } from '@skerry/shared/parse-json';
import type { Store } from '@skerry/shared/store';
import type { CutOff } from '../link/contact.ts';
import type { ObjectReader } from '../meta/object-reader.ts';
import type { PodObject } from '../pods/pod.ts';
import { PODS } from '../pods/pod-key.ts';
import { fromEntry, uidOf } from '../pods/tokens/token-record.ts';
import { tokenWishes } from '../pods/tokens/token-wish.ts';
import { isSameSecret } from './credentials.ts';

export interface PodAccountsParts {
  /** Its table `tokens` is that of the pods. */
  readonly store: Store;
  readonly objects: ObjectReader;
  readonly cutOff: CutOff;
  readonly clock: Clock;
}

/**
 * The ServiceAccounts of this node's pods, by their tokens: exactly those that the agent itself was given
 * for a pod that is still here, for the API server, and has mounted into it. Nothing is believed that a
 * token says of itself. It is good until it expires, and while the node is cut off also beyond: no newer
 * one could be had.
 */
export class PodAccounts {
  readonly #parts: PodAccountsParts;

  constructor(parts: PodAccountsParts) {
    this.#parts = parts;
  }

  async accountOf(token: string): Promise<User | undefined> {
    const found = await this.#recordOf(token);
    if (!found) return undefined;
    const { cutOff, clock, objects } = this.#parts;
    if (cutOff.since === undefined && found.expiresAt <= clock.now()) return undefined;
    for (const { object } of await objects.list(PODS)) {
      const pod = parseJson(object) as PodObject;
      if (pod.metadata.uid === found.uid) return found.isForServer(pod) ? userOf(pod) : undefined;
    }
    return undefined;
  }

  async #recordOf(token: string): Promise<
    | {
        readonly uid: string;
        readonly expiresAt: number;
        readonly isForServer: (pod: PodObject) => boolean;
      }
    | undefined
  > {
    const { store, clock } = this.#parts;
    for await (const [key, entry] of store.table('tokens').entries()) {
      const { token: current, expiresAt, previous } = fromEntry(entry);
      const uid = uidOf(key);
      const isForServer = (pod: PodObject): boolean =>
        tokenWishes(pod).get(key.slice(uid.length + 1))?.audience === '';
      if (isSameSecret(token, current)) return { uid, expiresAt, isForServer };
      if (!previous || !isSameSecret(token, previous.token)) continue;
      return previous.expiresAt > clock.now()
        ? { uid, expiresAt: previous.expiresAt, isForServer }
        : undefined;
    }
    return undefined;
  }
}

function userOf({ metadata, spec }: PodObject): User {
  const { namespace, name, uid } = metadata;
  const account = spec.serviceAccountName ?? 'default';
  return {
    name: accountUserName(namespace, account),
    groups: [...accountGroups(namespace), everyone],
    extra: {
      'authentication.kubernetes.io/pod-name': [name],
      'authentication.kubernetes.io/pod-uid': [uid],
    },
  };
}
