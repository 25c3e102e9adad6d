import { StatusError } from '../status-error.ts';
import { forbidden } from '../refusals.ts';

/** Who asks, as proved by a certificate or a token. */
export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

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

/** Paths that anyone may read. */
const publicPaths = /^\/(version|livez|readyz|healthz)\/?$/;
/** Paths that anyone with a name may read: what there is, not what is in it. */
const discoveryPaths = /^\/(api|apis|openapi)(\/|$)/;

/**
 * Members of `system:masters` may do everything. Anyone else who proved a name may see what the server
 * has, and ask about themselves; anyone at all may see how it is.
 */
export function isAllowed(user: User, attributes: Attributes): boolean {
  if (user.groups.includes('system:masters')) return true;
  const known = user.groups.includes('system:authenticated');
  if ('resource' in attributes) return known && isQuestionOfOneself(attributes);
  const { verb, path } = attributes;
  return verb === 'get' && (publicPaths.test(path) || (known && discoveryPaths.test(path)));
}

/** Throws Forbidden in the words of Kubernetes. */
export function checkAllowed(user: User, attributes: Attributes): void {
  if (isAllowed(user, attributes)) return;
  if ('path' in attributes)
    throw new StatusError({
      status: 403,
      reason: 'Forbidden',
      message: `forbidden: User "${user.name}" cannot ${attributes.verb} path "${attributes.path}"`,
      details: {},
    });
  const { verb, group, resource, namespace, name } = attributes;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const [plural = resource] = resource.split('/');
  throw forbidden(
    { group, plural },
    name,
    `User "${user.name}" cannot ${verb} resource "${resource}" in API group "${group}" ${where}`,
  );
}

const ownQuestions: readonly string[] = ['selfsubjectaccessreviews', 'selfsubjectreviews'];

function isQuestionOfOneself({ verb, resource }: ResourceAttributes): boolean {
  return verb === 'create' && ownQuestions.includes(resource);
}
