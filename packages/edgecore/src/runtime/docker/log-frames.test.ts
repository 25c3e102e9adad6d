import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogLine } from '../container-runtime.ts';
import { framedLines, rawLines } from './log-frames.ts';

const time = '2026-01-01T00:00:00.000000001Z';

function frame(stream: 1 | 2, text: string): Buffer {
  const body = Buffer.from(text);
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(body.length, 4);
  return Buffer.concat([header, body]);
}

async function* chunked(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Buffer, void> {
  let at = 0;
  for (const cut of cuts.map((c) => c % (bytes.length + 1)).toSorted((a, b) => a - b)) {
    await Promise.resolve();
    yield bytes.subarray(at, cut);
    at = cut;
  }
  yield bytes.subarray(at);
}

describe('framedLines', () => {
  it('reads every frame, however the stream is cut', async () => {
    const line = fc.record({
      stream: fc.constantFrom(1 as const, 2 as const),
      text: fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\n', ' ')),
      full: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(line), fc.array(fc.nat(2000)), async (wanted, cuts) => {
        const bytes = Buffer.concat(
          wanted.map(({ stream, text, full }) =>
            frame(stream, `${time} ${text}${full ? '\n' : ''}`),
          ),
        );
        const read = await Array.fromAsync(framedLines(chunked(bytes, cuts)));
        expect(read).toEqual(
          wanted.map(({ stream, text, full }): LogLine => {
            const name = stream === 2 ? 'stderr' : 'stdout';
            return { stream: name, time, text: Buffer.from(text).toString('utf8'), full };
          }),
        );
      }),
    );
  });
});

describe('rawLines', () => {
  it('reads the lines of a terminal', async () => {
    const bytes = Buffer.from(`${time} grün\r\n${time} rest`);
    const lines = await Array.fromAsync(rawLines(chunked(bytes, [34, 35, 36])));
    expect(lines.map(({ text, full }) => [text, full])).toEqual([
      ['grün', true],
      ['rest', false],
    ]);
  });
});
