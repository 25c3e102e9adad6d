import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readable, runHealthServer, type Checks } from './health.ts';
import { PortInUse } from './listen.ts';
import { silentLog, type LogLevel } from './log.ts';
import { openMetrics } from './metrics.ts';

const metrics = openMetrics('skerry_hub');
metrics.gauge('sessions', 'Connected nodes.').set(3);
const logLevel: { level: LogLevel } = { level: 'info' };
let ready: Checks;
let stop: AbortController;
let running: Promise<void>;
let port: number;

const serve = (at: number, signal: AbortSignal, onListening?: (port: number) => void) =>
  runHealthServer(
    {
      host: '127.0.0.1',
      port: at,
      get ready() {
        return ready;
      },
      routes: {
        twice: readable((query) => Promise.resolve({ twice: 2 * Number(query.get('n')) })),
        names: ({ method, rest }) => Promise.resolve(rest === '' ? undefined : { method, rest }),
      },
      metrics,
      logLevel,
      log: silentLog,
      ...(onListening && { onListening }),
    },
    signal,
  );

beforeEach(async () => {
  stop = new AbortController();
  ready = { store: () => undefined, hub: () => Promise.resolve(undefined) };
  port = await new Promise<number>((resolve, reject) => {
    running = serve(0, stop.signal, resolve);
    running.catch(reject);
  });
});
afterEach(async () => {
  stop.abort();
  await running;
});

async function put(path: string, body: string, headers = {}): Promise<[number, string]> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'PUT', body, headers });
  return [response.status, await response.text()];
}

async function get(path: string, method = 'GET'): Promise<[number, string]> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method });
  return [response.status, await response.text()];
}

describe('the health server', () => {
  it('answers ok while every check passes, and lists them on request', async () => {
    expect(await get('/livez')).toEqual([200, 'ok\n']);
    expect(await get('/readyz')).toEqual([200, 'ok\n']);
    expect(await get('/readyz?verbose')).toEqual([
      200,
      '[+]store ok\n[+]hub ok\nreadyz check passed\n',
    ]);
    expect(await get('/livez?verbose')).toEqual([200, '[+]ping ok\nlivez check passed\n']);
  });

  it('answers 500 and the reason when a check fails or throws, and stays live', async () => {
    ready = {
      store: () => Promise.reject(new Error('disk full')),
      hub: () => 'not connected',
    };
    expect(await get('/readyz')).toEqual([
      500,
      '[-]store failed: disk full\n[-]hub failed: not connected\nreadyz check failed\n',
    ]);
    expect(await get('/livez')).toEqual([200, 'ok\n']);
  });

  it('answers for a single check', async () => {
    ready = { store: () => undefined, hub: () => 'not connected' };
    expect(await get('/readyz/store')).toEqual([200, 'ok\n']);
    expect((await get('/readyz/hub'))[0]).toBe(500);
    expect((await get('/readyz/other'))[0]).toBe(404);
  });

  it('gives the metrics in the text format', async () => {
    const [status, text] = await get('/metrics');
    expect(status).toBe(200);
    expect(text).toContain('skerry_hub_sessions 3\n');
  });

  it('knows no other path and no other verb', async () => {
    expect((await get('/'))[0]).toBe(404);
    expect((await get('/livez/ping/x'))[0]).toBe(404);
    expect((await get('/livez', 'POST'))[0]).toBe(405);
    expect(await get('/livez', 'HEAD')).toEqual([200, '']);
  });

  it('shows what passes with a note', async () => {
    ready = { verdict: () => ({ note: 'Degraded: the disk is slow' }) };
    expect(await get('/readyz?verbose')).toEqual([
      200,
      '[+]verdict ok: Degraded: the disk is slow\nreadyz check passed\n',
    ]);
  });

  it('gives documents as JSON, by what is asked of them', async () => {
    expect(await get('/twice?n=21')).toEqual([200, '{"twice":42}\n']);
    expect(await put('/twice', '')).toEqual([400, 'this can only be read\n']);
    expect(await get('/toString')).toEqual([404, expect.stringContaining('not found')]);
  });

  it('answers below a name what is asked there', async () => {
    expect(await get('/names/a%20b')).toEqual([200, '{"method":"GET","rest":"a b"}\n']);
    expect(await put('/names/c', '{}')).toEqual([200, '{"method":"PUT","rest":"c"}\n']);
    const tooMuch = await put('/names/c', 'x'.repeat(1_000_000));
    expect(tooMuch).toEqual([400, 'the body has more than 65536 bytes\n']);
    expect(await get('/names/%ZZ')).toEqual([400, 'the path is not well encoded\n']);
    expect(await get('/constructor/c')).toEqual([404, expect.stringContaining('not found')]);
  });

  it('says who holds its port', async () => {
    const second = serve(port, stop.signal);
    await expect(second).rejects.toThrow(PortInUse);
    await expect(second).rejects.toThrow(
      new RegExp(`^127.0.0.1:${port} is already in use by process ${process.pid}: `),
    );
  });

  it('shows how much is logged, and changes it when told to from this machine', async () => {
    expect(await get('/log-level')).toEqual([200, 'info\n']);
    expect(await put('/log-level', 'debug')).toEqual([200, 'debug\n']);
    expect(logLevel.level).toBe('debug');
    const verbose = await put('/log-level', 'x'.repeat(65));
    expect(verbose).toEqual([400, 'the body has more than 64 bytes\n']);
    expect(await put('/log-level', 'loud')).toEqual([
      400,
      'not a level: try debug, info, warn, error\n',
    ]);
    expect(await get('/log-level', 'DELETE')).toEqual([405, 'method not allowed\n']);
    expect(await get('/log-level')).toEqual([200, 'debug\n']);
  });

  it('does not let a web page change how much is logged', async () => {
    const [status] = await put('/log-level', 'error', { origin: 'http://example.org' });
    expect(status).toBe(403);
    expect(logLevel.level).toBe('debug');
  });
});
