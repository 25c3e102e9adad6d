import type { ServerResponse } from 'node:http';
import type { StatusError } from '../status-error.ts';

/** What goes back over HTTP, apart from a watch. */
export interface Reply {
  readonly status?: number;
  /** The media type, with its parameters. */
  readonly type: string;
  readonly body: string | Uint8Array;
}

/** @param warnings sentences for the person who asked, as `Warning` headers of code 299 */
export function send(
  response: ServerResponse,
  { status = 200, type, body }: Reply,
  warnings: readonly string[] = [],
): void {
  if (response.destroyed) return;
  response.writeHead(status, {
    ...baseHeaders(warnings),
    'content-type': type,
    'content-length': typeof body === 'string' ? Buffer.byteLength(body) : body.length,
  });
  response.end(body);
}

export function sendFailure(response: ServerResponse, failure: StatusError): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const seconds = failure.details?.retryAfterSeconds;
  if (seconds !== undefined) response.setHeader('retry-after', String(seconds));
  const body = JSON.stringify(failure.toJson());
  send(response, { status: failure.status, type: 'application/json', body });
}

/** @see https://kubernetes.io/blog/2020/09/03/warnings/ */
export function baseHeaders(warnings: readonly string[]): Record<string, string | string[]> {
  const lines = warnings.map((text) => `299 - ${JSON.stringify(text)}`);
  return {
    'cache-control': 'no-cache, private',
    ...(lines.length === 0 ? {} : { warning: lines }),
  };
}
