import { silentLog, type Log } from '@skerry/shared/log';
import { openMetrics } from '@skerry/shared/metrics';
import { nodeName, type ObjectKey } from '@skerry/shared/names';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PushTarget } from '../push/push-target.ts';
import { MemoryBus } from './testing/memory-bus.ts';
import { maxUploadBytes, serveUploads } from './uploads.ts';

let bus: MemoryBus;
let stop: AbortController;
let pushed: [PushTarget, object][];
let serving: Promise<void>;
let metrics: ReturnType<typeof openMetrics>;

function serve(url: string | undefined, log: Log = silentLog): void {
  const desk = {
    offer: (target: PushTarget, _about: ObjectKey, text: string): Promise<void> => {
      pushed.push([target, JSON.parse(text) as object]);
      return Promise.resolve();
    },
  };
  const parts = { bus, node: nodeName('edge-1'), desk, url, log, metrics };
  serving = serveUploads(parts, stop.signal);
}

beforeEach(() => {
  bus = new MemoryBus();
  stop = new AbortController();
  pushed = [];
  metrics = openMetrics('skerry_edge');
});

afterEach(async () => {
  stop.abort();
  await serving;
});

describe('messages for the cloud', () => {
  it.each(['$hw/events/upload/press/7', 'SYS/dis/upload_records', 'edge-1/user/a/b'])(
    'are taken from %s',
    async (topic) => {
      serve('https://cloud/uploads');
      await bus.publish(topic, 'hello');
      await bus.publish(topic, new Uint8Array([0xff, 0x00]));
      await bus.settled();
      expect(pushed.map(([, content]) => content)).toMatchObject([
        { node: 'edge-1', topic, payload: 'hello' },
        { node: 'edge-1', topic, payloadBase64: '/wA=' },
      ]);
      expect(pushed[0]?.[0]).toMatchObject({ method: 'http', url: 'https://cloud/uploads' });
    },
  );

  it('of other nodes and topics are nobody’s business', async () => {
    serve('https://cloud/uploads');
    await bus.publish('edge-2/user/a', 'hello');
    await bus.publish('SYS/dis/other', 'hello');
    await bus.settled();
    expect(pushed).toEqual([]);
  });

  it.each([
    ['nowhere', undefined, 1],
    ['too-large', 'https://cloud/uploads', maxUploadBytes + 1],
  ])('that are not taken are counted as %s', async (outcome, url, bytes) => {
    serve(url);
    await bus.publish('edge-1/user/a', 'x'.repeat(bytes));
    await bus.settled();
    expect(pushed).toEqual([]);
    expect(await metrics.text()).toContain(
      `skerry_edge_device_uploads_total{outcome="${outcome}"} 1`,
    );
  });

  it('that are not taken are told of once, however many there are', async () => {
    const lines: string[] = [];
    serve(undefined, { ...silentLog, warn: (_fields, message) => lines.push(message) });
    for (let i = 0; i < 3; i += 1) await bus.publish('edge-1/user/a', 'hello');
    await bus.settled();
    expect(lines).toHaveLength(1);
    expect(await metrics.text()).toContain('skerry_edge_device_uploads_total{outcome="nowhere"} 3');
  });
});
