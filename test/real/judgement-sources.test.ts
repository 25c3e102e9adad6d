import { createSocket, type Socket } from 'node:dgram';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JsonObject } from '@skerry/apiserver/json';
import { Fields } from '@skerry/edgecore/judgement/fields';
import type { SourceType } from '@skerry/edgecore/judgement/judgement-spec';
import { sources } from '@skerry/edgecore/judgement/sources/sources';
import type { SourceParts } from '@skerry/edgecore/judgement/sources/source';
import { systemClock } from '@skerry/shared/clock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const parts = { clock: systemClock, dataDir: '/' } as Partial<SourceParts> as SourceParts;
const never = new AbortController().signal;
const sample = async (type: SourceType, settings: JsonObject, signal = never): Promise<number> =>
  sources[type](new Fields(settings, `source.${type}`), parts).sample(signal);

describe('what units reach', () => {
  let web: Server;
  let time: Socket;
  let port: number;

  beforeAll(async () => {
    web = createServer((request, response) => {
      response.writeHead(request.url === '/ill' ? 503 : 200).end();
    });
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
    port = (web.address() as AddressInfo).port;
    time = createSocket('udp4');
    time.on('message', (_question, { port: from }) => {
      const answer = Buffer.alloc(48);
      answer[1] = 2;
      const seconds = Math.floor(Date.now() / 1_000) + 2_208_988_800 + 3_600;
      answer.writeUInt32BE(seconds, 32);
      answer.writeUInt32BE(seconds, 40);
      time.send(answer, from, '127.0.0.1');
    });
    await new Promise<void>((resolve) => time.bind(0, '127.0.0.1', resolve));
  });
  afterAll(() => {
    web.close();
    time.close();
  });

  it('is a port, or none', async () => {
    expect(await sample('tcp', { host: '127.0.0.1', port })).toBe(1);
    expect(await sample('tcp', { host: '127.0.0.1', port: 1 })).toBe(0);
    const ms = await sample('tcp', { host: '127.0.0.1', port, measure: 'milliseconds' });
    expect(ms).toBeGreaterThan(0);
    const closed = sample('tcp', { host: '127.0.0.1', port: 1, measure: 'milliseconds' });
    await expect(closed).rejects.toThrow('no answer');
  });

  it('is a page, unless it says that it is not well', async () => {
    const url = `http://127.0.0.1:${port}`;
    expect(await sample('http', { url: `${url}/fine` })).toBe(1);
    expect(await sample('http', { url: `${url}/ill` })).toBe(0);
    await expect(sample('http', { url: 'ftp://x' })).rejects.toThrow('not a URL');
  });

  it('is a name, or none', async () => {
    expect(await sample('dns', { name: 'localhost' })).toBe(1);
    expect(await sample('dns', { name: 'nobody.invalid' })).toBe(0);
  });

  it('is the clock of a time server, here an hour ahead', async () => {
    const server = `127.0.0.1:${time.address().port}`;
    const offset = await sample('clockOffset', { server });
    expect(Math.abs(offset - 3_600_000)).toBeLessThan(600_000);
  });

  it('is not known without the ping program, and with it is a host', async () => {
    const pinged = await sample('icmp', { host: '127.0.0.1' }).catch((error: unknown) =>
      String(error),
    );
    expect([1, expect.stringMatching(/install it|ping 127/)]).toContainEqual(pinged);
    await expect(sample('icmp', { host: '-f' })).rejects.toThrow('not a host');
  });
});

describe('what programs say', () => {
  it('is an exit code, or a number', async () => {
    expect(await sample('command', { command: ['sh', '-c', 'exit 3'] })).toBe(3);
    const number = { command: ['echo', '21.5'], measure: 'number' };
    expect(await sample('command', number)).toBe(21.5);
    const words = { command: ['echo', 'warm'], measure: 'number' };
    await expect(sample('command', words)).rejects.toThrow('did not print a number');
    await expect(sample('command', { command: ['/none'] })).rejects.toThrow(
      'cannot be run: ENOENT',
    );
  });

  it('ends when its time is over, with all that it has started', async () => {
    const stop = new AbortController();
    const hangs = sample('command', { command: ['sh', '-c', 'sleep 1000 & wait'] }, stop.signal);
    const ended = expect(hangs).rejects.toThrow('over');
    stop.abort(new DOMException('over', 'AbortError'));
    await ended;
  });
});
