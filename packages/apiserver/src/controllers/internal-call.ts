import type { User } from '../auth/user.ts';
import type { Json } from '../json.ts';
import type { Resource } from '../registry/resource.ts';
import type { Call } from '../rest/call.ts';

const controllerUser: User = { name: 'system:apiserver', groups: ['system:masters'] };

/** A call that the server makes upon itself, with the rights and in the name of a controller. */
export function internalCall(
  resource: Resource,
  { namespace, name = '', body }: { namespace: string; name?: string; body?: Json },
): Call {
  return {
    resource,
    subresource: undefined,
    namespace,
    name,
    query: new URLSearchParams(),
    body: body === undefined ? undefined : { mediaType: 'application/json', json: body },
    user: controllerUser,
    userAgent: 'skerry-apiserver',
    warnings: [],
  };
}
