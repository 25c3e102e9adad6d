import { request as overHttp } from 'node:http';
import { request as overTls } from 'node:https';
import { EdgeError, messageOf } from '@skerry/shared/errors';
import { placeOf } from '@skerry/shared/place-of';

/** Nobody took it now; another time somebody may. */
export class NotPushed extends EdgeError {
  readonly code = 'push.not-taken';
  readonly disposition = 'retry';
}

/** The other side will never take it. */
export class PushRefused extends EdgeError {
  readonly code = 'push.refused';
  readonly disposition = 'reject';
}

export interface Post {
  readonly url: string;
  /** JSON. */
  readonly body: string;
  readonly timeoutMs: number;
}

/** Resolves when the server has answered 2xx; throws NotPushed, or PushRefused for what it calls wrong. */
export async function post({ url, body, timeoutMs }: Post, signal: AbortSignal): Promise<void> {
  const status = await exchange(
    url,
    body,
    AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
  );
  if (status >= 200 && status < 300) return;
  const why = `${placeOf(url)} answered ${status}`;
  const isTheirs = status >= 500 || status === 408 || status === 429 || status < 400;
  throw isTheirs ? new NotPushed(why) : new PushRefused(why);
}

function exchange(url: string, body: string, signal: AbortSignal): Promise<number> {
  const send = url.startsWith('https:') ? overTls : overHttp;
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void =>
      reject(
        new NotPushed(`failed to post to ${placeOf(url)}: ${messageOf(error)}`, { cause: error }),
      );
    const asked = send(url, { method: 'POST', headers, signal }, (answer) => {
      answer.on('error', failed).on('end', () => resolve(answer.statusCode ?? 0));
      answer.resume();
    });
    asked.on('error', failed);
    asked.end(body);
  });
}
