import { EdgeError, type Disposition } from '@skerry/shared/errors';

/**
 * What the API server answered, named by what to do about it.
 *
 * Source: kubernetes.io/docs/reference/using-api/api-concepts and `metav1.Status`.
 */
export abstract class KubeError extends EdgeError {}

/** 404: the object, or its whole resource, is not there. */
export class NotFound extends KubeError {
  readonly code = 'kube.not-found';
  readonly disposition: Disposition = 'reject';
}

/** 409 `AlreadyExists`: someone created it first. */
export class AlreadyExists extends KubeError {
  readonly code = 'kube.already-exists';
  readonly disposition: Disposition = 'reject';
}

/** 409: the object has changed meanwhile, or another uid bears its name. Reread and decide again. */
export class Conflict extends KubeError {
  readonly code = 'kube.conflict';
  readonly disposition: Disposition = 'retry';
}

/** 410: the server has forgotten that version or continue token. List again. */
export class Gone extends KubeError {
  readonly code = 'kube.gone';
  readonly disposition: Disposition = 'retry';
}

/** 429: the server asks everybody to slow down. */
export class Throttled extends KubeError {
  readonly code = 'kube.throttled';
  readonly disposition: Disposition = 'retry';
  /** How long the server wants to be left alone, milliseconds. */
  readonly retryAfterMs: number;

  constructor(message: string, retryAfterMs: number) {
    super(message);
    this.retryAfterMs = retryAfterMs;
  }
}

/** No connection, a broken one, a timeout, or a 5xx: nothing is known about the request's fate. */
export class Unavailable extends KubeError {
  readonly code = 'kube.unavailable';
  readonly disposition: Disposition = 'retry';
}

/** 401: the credentials have expired or are not known. They are read afresh before the next try. */
export class Unauthorized extends KubeError {
  readonly code = 'kube.unauthorized';
  readonly disposition: Disposition = 'retry';
}

/** 403: this account may not, or an admission rule forbids it. */
export class Forbidden extends KubeError {
  readonly code = 'kube.forbidden';
  readonly disposition: Disposition = 'reject';
}

/** 400, 405, 413, 415, 422 and other 4xx: the request will never be accepted as it is. */
export class Invalid extends KubeError {
  readonly code = 'kube.invalid';
  readonly disposition: Disposition = 'reject';
}

/** The server, or something in between, answered with what is not the API. */
export class MalformedResponse extends KubeError {
  readonly code = 'kube.malformed-response';
  readonly disposition: Disposition = 'retry';
}

/** The answer is longer than was to be read. */
export class TooLarge extends KubeError {
  readonly code = 'kube.too-large';
  readonly disposition: Disposition = 'retry';
}

/** How long to leave a server alone that does not say, milliseconds. */
const defaultRetryAfterMs = 1_000;

/** The fields of `metav1.Status` that decide. */
interface StatusBody {
  readonly kind?: string;
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: { readonly retryAfterSeconds?: number };
}

/** The error for an HTTP answer; `body` is a `metav1.Status` when the API itself answered. */
export function errorFromAnswer(httpStatus: number, body: Buffer, retryAfter?: string): KubeError {
  const status = parseStatus(body);
  const message = status.message ?? `the API server answered ${httpStatus}: ${excerpt(body)}`;
  const waitSeconds = status.details?.retryAfterSeconds ?? Number(retryAfter ?? Number.NaN);
  return errorOf(httpStatus, status.reason ?? '', message, waitSeconds * 1_000);
}

/** The error for the object of a watch's `ERROR` event, itself a `metav1.Status`. */
export function errorFromEvent(object: Buffer): KubeError {
  const status = parseStatus(object);
  const message = status.message ?? `the watch failed: ${excerpt(object)}`;
  const waitMs = (status.details?.retryAfterSeconds ?? Number.NaN) * 1_000;
  return errorOf(status.code ?? 500, status.reason ?? '', message, waitMs);
}

function errorOf(code: number, reason: string, message: string, waitMs: number): KubeError {
  if (code === 409)
    return reason === 'AlreadyExists' ? new AlreadyExists(message) : new Conflict(message);
  if (code === 429 || (code >= 500 && waitMs > 0))
    return new Throttled(message, waitMs >= 0 ? waitMs : defaultRetryAfterMs);
  const named = errorsByCode[code];
  if (named) return new named(message);
  return code >= 400 && code < 500 ? new Invalid(message) : new Unavailable(message);
}

const errorsByCode: Readonly<Record<number, new (message: string) => KubeError>> = {
  401: Unauthorized,
  403: Forbidden,
  404: NotFound,
  408: Unavailable,
  410: Gone,
};

function parseStatus(body: Buffer): StatusBody {
  try {
    const parsed = JSON.parse(body.toString('utf8')) as StatusBody | null;
    return parsed?.kind === 'Status' ? parsed : {};
  } catch {
    return {}; // a proxy's page, not the API's answer
  }
}

function excerpt(body: Buffer): string {
  return JSON.stringify(body.toString('utf8', 0, 200));
}
