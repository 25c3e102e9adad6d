import { StatusError, type StatusCause, type StatusDetails } from './status-error.ts';
import type { FieldError } from './validation/field-error.ts';

/** What a refusal is about: a resource and, where there is one, a name. */
export interface Subject {
  readonly group: string;
  /** `pods`, or with its subresource: `pods/binding`. */
  readonly plural: string;
}

export function notFound(subject: Subject, name: string): StatusError {
  return new StatusError({
    status: 404,
    reason: 'NotFound',
    message: `${qualified(subject)} "${name}" not found`,
    details: about(subject, name),
  });
}

/** No such path, group, version or resource. */
export function unknownPath(): StatusError {
  return new StatusError({
    status: 404,
    reason: 'NotFound',
    message: 'the server could not find the requested resource',
    details: {},
  });
}

export function alreadyExists(subject: Subject, name: string): StatusError {
  return new StatusError({
    status: 409,
    reason: 'AlreadyExists',
    message: `${qualified(subject)} "${name}" already exists`,
    details: about(subject, name),
  });
}

export function conflict(subject: Subject, name: string, why: string): StatusError {
  return new StatusError({
    status: 409,
    reason: 'Conflict',
    message: `Operation cannot be fulfilled on ${qualified(subject)} "${name}": ${why}`,
    details: about(subject, name),
  });
}

/** The client's `metadata.resourceVersion` is not the newest. */
export function staleVersion(subject: Subject, name: string): StatusError {
  return conflict(
    subject,
    name,
    'the object has been modified; please apply your changes to the latest version and try again',
  );
}

/** An apply that would change what others own. */
export function fieldConflicts(
  message: string,
  conflicts: readonly { readonly manager: string; readonly field: string }[],
): StatusError {
  const causes = conflicts.map(({ manager, field }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${manager}`,
    field,
  }));
  return new StatusError({ status: 409, reason: 'Conflict', message, details: { causes } });
}

export function badRequest(message: string): StatusError {
  return new StatusError({ status: 400, reason: 'BadRequest', message });
}

/** A body that cannot be read as the kind its path names. */
export function cannotBeHandled(
  { kind, version }: { readonly kind: string; readonly version: string },
  detail: string,
  given: string = kind,
): StatusError {
  return badRequest(`${given} in version "${version}" cannot be handled as a ${kind}: ${detail}`);
}

/** Fields that break rules: 422 with one cause for each. `kind` is a kind or a resource. */
export function invalid(
  { group, kind, name }: { group: string; kind: string; name: string },
  errors: readonly FieldError[],
): StatusError {
  const lines = errors.map(({ field, message }) => `${field}: ${message}`);
  const what = lines.length === 1 ? lines.join() : `[${lines.join(', ')}]`;
  const causes = errors.map(({ reason, message, field }): StatusCause => ({
    reason,
    message,
    field,
  }));
  return new StatusError({
    status: 422,
    reason: 'Invalid',
    message: `${group === '' ? kind : `${kind}.${group}`} "${name}" is invalid: ${what}`,
    details: {
      ...(name === '' ? {} : { name }),
      ...(group === '' ? {} : { group }),
      kind,
      causes,
    },
  });
}

/** A patch that cannot be applied to the object as it stands. */
export function unappliablePatch(): StatusError {
  return new StatusError({
    status: 422,
    reason: 'Invalid',
    message: 'the server rejected our request due to an error in our request',
    details: {},
  });
}

export function forbidden(subject: Subject, name: string, why: string): StatusError {
  const named = name === '' ? '' : ` "${name}"`;
  return new StatusError({
    status: 403,
    reason: 'Forbidden',
    message: `${qualified(subject)}${named} is forbidden: ${why}`,
    details: about(subject, name),
  });
}

const terminating = 'NamespaceTerminating';

/** Nothing new is made in a namespace that goes away. */
export function namespaceTerminating(
  subject: Subject,
  name: string,
  namespace: string,
): StatusError {
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const { status, reason, message } = forbidden(subject, name, why);
  const cause = {
    reason: terminating,
    message: `namespace ${namespace} is being terminated`,
    field: 'metadata.namespace',
  };
  const details = { ...about(subject, name), causes: [cause] };
  return new StatusError({ status, reason, message, details });
}

export function isNamespaceTerminating(error: unknown): boolean {
  const causes = error instanceof StatusError ? error.details?.causes : undefined;
  return causes?.some(({ reason }) => reason === terminating) ?? false;
}

export function unauthorized(): StatusError {
  return new StatusError({ status: 401, reason: 'Unauthorized', message: 'Unauthorized' });
}

export function methodNotAllowed(): StatusError {
  return new StatusError({
    status: 405,
    reason: 'MethodNotAllowed',
    message: 'the server does not allow this method on the requested resource',
    details: {},
  });
}

export function notAcceptable(accepted: readonly string[]): StatusError {
  return new StatusError({
    status: 406,
    reason: 'NotAcceptable',
    message: `only the following media types are accepted: ${accepted.join(', ')}`,
  });
}

export function unsupportedMediaType(accepted: readonly string[], why = ''): StatusError {
  const sentence = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`;
  return new StatusError({
    status: 415,
    reason: 'UnsupportedMediaType',
    message: why === '' ? sentence : `${sentence} (${why})`,
  });
}

export function tooLarge(limitBytes: number): StatusError {
  return new StatusError({
    status: 413,
    reason: 'RequestEntityTooLarge',
    message: `Request entity too large: limit is ${limitBytes}`,
  });
}

export function tooManyOperations(limit: number, count: number): StatusError {
  return new StatusError({
    status: 413,
    reason: 'RequestEntityTooLarge',
    message: `The allowed maximum operations in a JSON patch is ${limit}, got ${count}`,
  });
}

/** The version asked for has left the event history: list again. */
export function expired(message: string): StatusError {
  return new StatusError({ status: 410, reason: 'Expired', message });
}

/** The version asked for lies in the future of this server. */
export function versionTooLarge(asked: number, newest: number): StatusError {
  return new StatusError({
    status: 504,
    reason: 'Timeout',
    message: `Too large resource version: ${asked}, current: ${newest}`,
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  });
}

/** `resourceVersion` that is no number; Kubernetes answers 500 without a reason here. */
export function malformedVersion(field: string, text: string): StatusError {
  return new StatusError({
    status: 500,
    message: `${field}: Invalid value: "${text}": strconv.ParseUint: parsing "${text}": invalid syntax`,
  });
}

export function internalError(message: string): StatusError {
  return new StatusError({
    status: 500,
    reason: 'InternalError',
    message: `Internal error occurred: ${message}`,
    details: { causes: [{ message }] },
  });
}

/** The server cannot do it now, and says when to come back. */
export function unavailable(message: string, retryAfterSeconds: number): StatusError {
  return new StatusError({
    status: 503,
    reason: 'ServiceUnavailable',
    message,
    details: { retryAfterSeconds },
  });
}

function qualified({ plural, group }: Subject): string {
  if (group === '') return plural;
  const [resource, ...subresource] = plural.split('/');
  return [`${resource ?? plural}.${group}`, ...subresource].join('/');
}

function about({ group, plural }: Subject, name: string): StatusDetails {
  return {
    ...(name === '' ? {} : { name }),
    ...(group === '' ? {} : { group }),
    kind: plural,
  };
}
