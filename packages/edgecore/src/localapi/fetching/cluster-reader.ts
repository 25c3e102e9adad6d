import {
  listAt,
  textAt,
  type Json,
  type JsonObject,
  type KubeObject,
} from '@skerry/apiserver/json';
import type { Call } from '@skerry/apiserver/rest/call';
import {
  answerCodes,
  clusterReadSubject,
  maxAnswerBytes,
  type ClusterRead,
} from '@skerry/proto/questions';
import { parseJson } from '@skerry/shared/parse-json';
import { HubRefused, type HubQuestions } from '../../link/hub-questions.ts';
import { named } from './fetched.ts';

/** Objects asked for at once; fewer where they are long. */
const pageObjects = 200;
/** A page of several objects: what else is on the link waits behind it. */
const pageBytes: number = 256 * 1024;
/** All of a list: it is held in memory as a whole. */
export const maxListBytes: number = 8 * 1024 * 1024;

/** Reads the cluster through the hub; throws what HubQuestions does. */
export class ClusterReader {
  readonly #hub: Pick<HubQuestions, 'ask'>;

  constructor(hub: Pick<HubQuestions, 'ask'>) {
    this.#hub = hub;
  }

  async get(call: Call, token: string | undefined, signal: AbortSignal): Promise<KubeObject> {
    const body = await this.#read(
      { ...readOf(call, token), query: {}, maxBytes: maxAnswerBytes },
      signal,
    );
    return named(call.resource, parseJson(body) as JsonObject);
  }

  /** All that the selectors of `call` choose, page by page, up to `maxListBytes`. */
  async list(call: Call, token: string | undefined, signal: AbortSignal): Promise<KubeObject[]> {
    const read = readOf(call, token);
    const selected = selectorsOf(call);
    const found: KubeObject[] = [];
    let [limit, bytes, next] = [pageObjects, 0, ''];
    for (;;) {
      const query = { ...selected, limit: String(limit), ...(next !== '' && { continue: next }) };
      const maxBytes = limit === 1 ? maxAnswerBytes : pageBytes;
      const page = await this.#page({ ...read, query, maxBytes }, signal);
      if (!page) limit = Math.ceil(limit / 8);
      else {
        bytes += page.length;
        if (bytes > maxListBytes) throw tooLong(call);
        const list = parseJson(page) as Json;
        for (const item of listAt(list, 'items'))
          found.push(named(call.resource, item as JsonObject));
        next = textAt(list, 'metadata', 'continue') ?? '';
        if (next === '') return found;
      }
    }
  }

  /** Undefined where so many objects are too long for one page. */
  async #page(read: ClusterRead, signal: AbortSignal): Promise<Uint8Array | undefined> {
    try {
      return await this.#read(read, signal);
    } catch (error) {
      const isLong = error instanceof HubRefused && error.why === answerCodes.tooLarge;
      if (isLong && read.query['limit'] !== '1') return undefined;
      throw error;
    }
  }

  #read(read: ClusterRead, signal: AbortSignal): Promise<Uint8Array> {
    return this.#hub.ask(clusterReadSubject, read, signal);
  }
}

function readOf(
  { resource, namespace, name }: Call,
  token: string | undefined,
): Omit<ClusterRead, 'query' | 'maxBytes'> {
  const { group, version, plural } = resource;
  return { group, version, plural, namespace, name, ...(token !== undefined && { token }) };
}

function selectorsOf({ query }: Call): Record<string, string> {
  const given = ['labelSelector', 'fieldSelector'].map((name) => [name, query.get(name)] as const);
  return Object.fromEntries(given.filter((pair): pair is [string, string] => pair[1] !== null));
}

function tooLong({ resource: { plural } }: Call): HubRefused {
  const most = maxListBytes / 1024 ** 2;
  const what = `these ${plural} are more than ${most} MiB`;
  return new HubRefused(answerCodes.tooLarge, `${what}: choose by namespace or selector`);
}
