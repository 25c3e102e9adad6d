import { existsSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { socketPath } from '@skerry/edgecore/localapi/run-local-api';
import { EdgeError, messageOf } from '@skerry/shared/errors';

/** The agent of the node does not answer, or says no. */
export class SiteRefused extends EdgeError {
  readonly code = 'site.refused';
  readonly disposition = 'fatal';
}

export interface Asking {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly accept?: string;
  /** With POST an object, with PATCH a merge patch. */
  readonly body?: object;
}

/** Where agents of this machine may be: one that the system runs, and one of `skerry up` in this directory. */
const places: readonly string[] = [
  socketPath('/var/lib/skerry/edgecore', undefined),
  socketPath('.skerry/edgecore', undefined),
];

/** The local API of a node, through its Unix socket: no network and no cluster is needed. */
export class SiteApi {
  readonly #socket: string;

  /** Throws SiteRefused where there is no agent. */
  constructor(socket: string | undefined) {
    const found = socket ?? places.find((path) => existsSync(path));
    if (found === undefined)
      throw new SiteRefused(
        `no agent of this machine is to be found at ${places.join(' or ')}: name its socket with --socket, and come as root or as the user that it runs as`,
      );
    this.#socket = found;
  }

  async json<T>(path: string, asking: Asking = {}): Promise<T> {
    const answer = await this.open(path, asking);
    const chunks: Buffer[] = [];
    for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as T;
  }

  /** Resolves with an answer that is no refusal; throws SiteRefused with the reason otherwise. */
  async open(
    path: string,
    { method = 'GET', accept, body: object }: Asking = {},
  ): Promise<IncomingMessage> {
    const body = object && JSON.stringify(object);
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const answered = Promise.withResolvers<IncomingMessage>();
    const asked = request(
      {
        socketPath: this.#socket,
        ...{ path, method },
        headers: {
          host: 'localhost',
          accept: accept ?? 'application/json',
          ...(body !== undefined && { 'content-type': type }),
        },
      },
      answered.resolve,
    );
    asked.once('error', (error) =>
      answered.reject(
        new SiteRefused(`the agent does not answer at ${this.#socket}: ${messageOf(error)}`),
      ),
    );
    asked.end(body);
    const answer = await answered.promise;
    if ((answer.statusCode ?? 500) < 400) return answer;
    throw new SiteRefused(await reasonOf(answer));
  }
}

async function reasonOf(answer: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of answer as AsyncIterable<Buffer>) text += chunk.toString('utf8');
  try {
    return (JSON.parse(text) as { message: string }).message;
  } catch {
    return `the agent answered ${answer.statusCode ?? 'nothing'}`;
  }
}
