/*
 * Opens watches, each on a connection of its own, until it is killed: `WatchingClients` in argv[2], as JSON.
 * On standard output, one line each:
 *
 *   open    all of them are
 *   told    each has been told of the object
 */
import { once } from 'node:events';
import { writeSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request, type RequestOptions } from 'node:https';
import { createInterface } from 'node:readline';
import { createSecureContext, type ConnectionOptions } from 'node:tls';

export interface WatchingClients {
  /** How many. */
  readonly watches: number;
  /** What each of them watches. */
  readonly url: string;
  /** Name of the object that they wait for. */
  readonly awaited: string;
  /** PEM of the authority of the server, and of the client certificate. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** As many connections are being made at a time. */
const lanes = 8;
const { watches, url, awaited, ca, cert, key } = JSON.parse(
  process.argv[2] ?? '{}',
) as WatchingClients;
const options: ConnectionOptions & RequestOptions = {
  secureContext: createSecureContext({ ca, cert, key }),
  agent: false,
};
let [opened, told] = [0, 0];

await Promise.all(Array.from({ length: lanes }, open));
writeSync(1, 'open\n');

async function open(): Promise<void> {
  while (opened < watches) {
    opened += 1;
    await openWatch();
  }
}

async function openWatch(): Promise<void> {
  const asked = request(url, options);
  asked.end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  if (response.statusCode !== 200) throw new Error(`the answer is ${response.statusCode ?? 0}`);
  createInterface({ input: response }).on('line', (line) => {
    const { type, object } = JSON.parse(line) as {
      type: string;
      object: { metadata: { name: string } };
    };
    if (type === 'ADDED' && object.metadata.name === awaited) told += 1;
    if (told === watches) writeSync(1, 'told\n');
  });
}
