import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { silentLog } from '@skerry/shared/log';
import type { NodeName } from '@skerry/shared/names';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Unavailable } from '../kube/kube-errors.ts';
import { AnswerRefused, NoAnswer, NodeAway } from '../session/question-desk.ts';
import { historyDoor } from './device-history.ts';

/** What the API server and the node say, in the order in which they are asked. */
let allowed: boolean;
let node: () => Promise<Uint8Array>;
let down: boolean;
let asked: { node: NodeName; body: unknown }[];
let server: Server;

const text = new TextDecoder();
const question = '/v1/devices/default/thermo/history?property=temperature&since=5';

beforeAll(async () => {
  const door = historyDoor({
    api: {
      create: ({ plural }, _namespace, object) => {
        if (down) return Promise.reject(new Unavailable('no answer'));
        const { spec } = object as { spec: { token?: string } };
        const user = { username: 'ada', groups: ['technicians'] };
        const status =
          plural === 'tokenreviews' ? { authenticated: spec.token === 'good', user } : { allowed };
        return Promise.resolve(Buffer.from(JSON.stringify({ status })));
      },
    },
    placement: {
      find: (key) =>
        key.endsWith('/thermo')
          ? ({ routing: { node: 'edge-1', refers: [] } } as never)
          : undefined,
    },
    sessions: {
      ask: (name, { body }) => {
        asked.push({ node: name, body: JSON.parse(text.decode(body)) });
        return node();
      },
    },
    log: silentLog,
  });
  server = createServer((request, response) => {
    if (!door(request, response)) response.writeHead(418).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

beforeEach(() => {
  [allowed, down, asked] = [true, false, []];
  node = () => Promise.resolve(new TextEncoder().encode('{"readings":[]}'));
});

const port = (): number => (server.address() as AddressInfo).port;

async function get(path: string, token = 'good', method = 'GET'): Promise<[number, string]> {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`http://127.0.0.1:${port()}${path}`, { method, headers });
  return [answer.status, await answer.text()];
}

describe('the history of a device', () => {
  it('is what its node says, for whom the API server lets', async () => {
    expect(await get(question)).toEqual([200, '{"readings":[]}']);
    const body = { property: 'temperature', since: '5', namespace: 'default', name: 'thermo' };
    expect(asked).toEqual([{ node: 'edge-1', body }]);
  });

  it('is nobody else’s, and no node is asked for them', async () => {
    expect((await get(question, 'bad'))[0]).toBe(401);
    allowed = false;
    const [status, said] = await get(question);
    expect([status, said]).toEqual([
      403,
      expect.stringMatching(/ada.*cannot get.*devices\/history/),
    ]);
    expect((await get(question, 'good', 'DELETE'))[0]).toBe(405);
    expect(asked).toEqual([]);
  });

  it.each([
    [new NodeAway('away'), 503],
    [new NoAnswer('late'), 504],
    [new AnswerRefused('question.malformed', 'odd'), 400],
    [new AnswerRefused('question.not-found', 'none'), 404],
    [new AnswerRefused('question.unknown', 'old'), 503],
  ])('is refused in words: %s', async (error, status) => {
    node = () => Promise.reject(error);
    const [code, said] = await get(question);
    expect(code).toBe(status);
    expect(JSON.parse(said)).toMatchObject({ kind: 'Status', message: error.message });
  });

  it('is not there for a device that is not, nor while the API server is away', async () => {
    expect((await get(question.replace('thermo', 'ghost')))[0]).toBe(404);
    down = true;
    expect((await get(question))[0]).toBe(503);
  });

  it('is told to only so many at once', async () => {
    const { promise, resolve } = Promise.withResolvers<Uint8Array>();
    node = () => promise;
    const waiting = Array.from({ length: 64 }, () => get(question));
    while (asked.length < 64) await new Promise(setImmediate);
    expect((await get(question))[0]).toBe(503);
    resolve(new Uint8Array());
    expect(new Set((await Promise.all(waiting)).map(([status]) => status))).toEqual(new Set([200]));
  });

  it('is not confused by what is no path', async () => {
    for (const target of ['//', 'http://[', '/v1/devices/a/b/history/', '*']) {
      const socket = connect(port(), '127.0.0.1');
      socket.end(`GET ${target} HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n`);
      let said = '';
      for await (const chunk of socket) said += String(chunk);
      expect(said).toMatch(/^HTTP\/1\.1 (418|400)/);
    }
  });
});
