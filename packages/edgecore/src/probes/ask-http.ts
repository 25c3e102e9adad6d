import { failure, success, type Answer, type HttpCheck } from './check.ts';
import { connectFailure } from './connect-failure.ts';
import { getHttp } from './http-get.ts';

/** Redirects followed at most, all on the host that was asked first. */
const MAX_REDIRECTS = 10;

/**
 * Asks by a GET: 200 to 399 is a success. A redirect to another host is not followed, and is a success
 * that people are warned about. Source: `pkg/probe/http/http.go` of Kubernetes.
 */
export async function askHttp(
  check: HttpCheck,
  patience: AbortSignal,
  signal: AbortSignal,
): Promise<Answer> {
  try {
    return await follow(check, AbortSignal.any([patience, signal]));
  } catch (error) {
    signal.throwIfAborted();
    const why = patience.aborted
      ? 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
      : connectFailure(error);
    return failure(`Get "${check.url}": ${why}`);
  }
}

async function follow(check: HttpCheck, signal: AbortSignal): Promise<Answer> {
  const first = new URL(check.url);
  let url = first;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const { status, location, body } = await getHttp(url, check, signal);
    if (status < 200 || status >= 400)
      return failure(`HTTP probe failed with statuscode: ${status}`);
    if (status < 300 || location === undefined) return success;
    url = new URL(location, url);
    if (url.hostname !== first.hostname)
      return {
        result: 'warning',
        message: `Probe terminated redirects, Response body: ${body}`,
      };
  }
  return failure(`Get "${check.url}": stopped after ${MAX_REDIRECTS} redirects`);
}
