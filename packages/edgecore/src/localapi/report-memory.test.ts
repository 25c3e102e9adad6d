import type { Report } from '@skerry/shared/delivery/report';
import type { ObjectKey } from '@skerry/shared/names';
import { describe, expect, it } from 'vitest';
import { ReportMemory, rememberedEvents } from './report-memory.ts';

const said = (key: string, payload: object, kind: Report['class'] = 'status'): Report => ({
  class: kind,
  key: key as ObjectKey,
  payload: Buffer.from(JSON.stringify(payload)),
});

async function* waiting(...reports: Report[]): AsyncGenerator<Report> {
  yield* reports;
  await Promise.resolve();
}

describe('what a node remembers to have said', () => {
  it('is the newest of each object, begun with what is not delivered yet', async () => {
    const memory = await ReportMemory.open(waiting(said('pods/default/web', { n: 1 })));
    expect(memory.get('pods/default/web' as ObjectKey)).toEqual({ n: 1 });
    const news: string[] = [];
    memory.onNews = (key) => news.push(key);
    const passed: Report[] = [];
    const reporter = memory.before({
      report: (report) => {
        passed.push(report);
        return Promise.resolve();
      },
    });
    await reporter.report(said('pods/default/web', { n: 2 }));
    expect(memory.get('pods/default/web' as ObjectKey)).toEqual({ n: 2 });
    expect(passed).toHaveLength(1);
    expect(news).toEqual(['pods/default/web']);
  });

  it('is also what the disk refused: people here are to see it', async () => {
    const memory = await ReportMemory.open(waiting());
    const reporter = memory.before({ report: () => Promise.reject(new Error('disk full')) });
    await expect(reporter.report(said('pods/default/web', {}))).rejects.toThrow('disk full');
    expect(memory.keys()).toEqual(['pods/default/web']);
  });

  it('is bounded: the oldest events go, and objects that are no longer held', async () => {
    const memory = await ReportMemory.open(waiting());
    memory.isHeld = (key) => key === 'pods/default/0';
    const gone: string[] = [];
    memory.onNews = (key) => gone.push(key);
    const reporter = memory.before({ report: () => Promise.resolve() });
    for (let n = 0; n <= rememberedEvents; n++)
      await reporter.report(said(`events/default/${n}`, {}, 'event'));
    expect(gone.filter((key) => key === 'events/default/0')).toHaveLength(2); // told, and gone
    expect(memory.keys()).toHaveLength(rememberedEvents);
    await reporter.report(said('pods/default/mirror', { mirror: {} }));
    for (let n = 0; n < 1_000; n++) await reporter.report(said(`pods/default/${n}`, {}));
    expect(memory.keys().length).toBeLessThan(rememberedEvents + 200);
    expect(memory.keys()).toContain('pods/default/0');
    expect(memory.keys()).toContain('pods/default/mirror');
  });
});

it('holds no more memory than what was said', async () => {
  const memory = await ReportMemory.open(waiting(said('pods/default/web', { n: 1 })));
  const [payload] = memory.statuses.values();
  expect(payload?.buffer.byteLength).toBe(payload?.byteLength);
});
