import { request as requestHttp, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import { skerryVersion } from '@skerry/shared/version';
import type { HttpCheck } from './check.ts';

/** What is read of a body at most, bytes: enough to be polite to a server, and to show to people. */
const MAX_BODY_BYTES = 10 * 1024;

export interface HttpAnswer {
  readonly status: number;
  readonly location: string | undefined;
  /** The first 10 KiB. */
  readonly body: string;
}

/**
 * One GET over a connection of its own, without following redirects. Certificates are not verified:
 * the question is whether a container answers, and it is asked by its address.
 */
export function getHttp(
  url: URL,
  { headers }: Pick<HttpCheck, 'headers'>,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  const options: RequestOptions & { readonly rejectUnauthorized: boolean } = {
    method: 'GET',
    headers: headersOf(headers),
    agent: false,
    rejectUnauthorized: false,
    signal,
  };
  return new Promise((resolve, reject) => {
    request(url, options, (response) => {
      bodyOf(response).then(
        (body) =>
          resolve({
            status: response.statusCode ?? 0,
            location: response.headers.location,
            body,
          }),
        reject,
      );
    })
      .on('error', reject)
      .end();
  });
}

/** A header given twice is sent twice, in its order; what is given goes before what is ours. */
function headersOf(given: HttpCheck['headers']): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {
    'user-agent': `kube-probe/skerry-${skerryVersion}`,
    accept: '*/*',
    connection: 'close',
  };
  const own = Map.groupBy(given, ([name]) => name.toLowerCase());
  for (const [name, values] of own) {
    const [only, ...more] = values.map(([, value]) => value);
    headers[name] = more.length === 0 ? (only ?? '') : [only ?? '', ...more];
  }
  return headers;
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= MAX_BODY_BYTES) break; // ends the connection
  }
  return Buffer.concat(chunks).toString('utf8', 0, MAX_BODY_BYTES);
}
