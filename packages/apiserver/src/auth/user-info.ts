import type { Json, JsonObject } from '../json.ts';
import type { User } from './user.ts';

/**
 * A user as answers and audit events name them.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-review-v1/
 */
export function userInfo({ name, uid, groups, extra = {} }: User): JsonObject {
  const said = Object.entries(extra).map(([key, values]): [string, Json] => [key, [...values]]);
  return {
    username: name,
    ...(uid === undefined ? {} : { uid }),
    groups: [...groups],
    ...(said.length === 0 ? {} : { extra: Object.fromEntries(said) }),
  };
}
