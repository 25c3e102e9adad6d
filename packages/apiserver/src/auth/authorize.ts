import { StatusError } from '../status-error.ts';
import { forbidden } from '../refusals.ts';
import type { User } from './user.ts';

/** What somebody wants to do with a resource. */
export interface ResourceAttributes {
  readonly verb: string;
  readonly group: string;
  /** With its subresource: `pods/status`. */
  readonly resource: string;
  /** Empty: across namespaces, or no namespace at all. */
  readonly namespace: string;
  readonly name: string;
}

/** What somebody wants to do with a path that is no resource, for example `/version`. */
export interface PathAttributes {
  readonly verb: string;
  readonly path: string;
}

export type Attributes = ResourceAttributes | PathAttributes;

/** Whether somebody may do something, and for people, by what rule. */
export interface Decision {
  readonly allowed: boolean;
  /** Empty where nothing allows it. */
  readonly reason: string;
}

/** Decides who may do what. */
export interface Authorizer {
  decide(user: User, attributes: Attributes): Decision;
}

/** Throws Forbidden in the words of Kubernetes. */
export function checkAllowed(authorizer: Authorizer, user: User, attributes: Attributes): void {
  if (!authorizer.decide(user, attributes).allowed) throw refusal(user, attributes);
}

/** What somebody is told who may not do something. */
export function refusal(user: User, attributes: Attributes): StatusError {
  if ('path' in attributes)
    return new StatusError({
      status: 403,
      reason: 'Forbidden',
      message: `forbidden: User "${user.name}" cannot ${attributes.verb} path "${attributes.path}"`,
      details: {},
    });
  const { verb, group, resource, namespace, name } = attributes;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const [plural = resource] = resource.split('/');
  return forbidden(
    { group, plural },
    name,
    `User "${user.name}" cannot ${verb} resource "${resource}" in API group "${group}" ${where}`,
  );
}
