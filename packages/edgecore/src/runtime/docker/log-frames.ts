import type { LogLine } from '../container-runtime.ts';

/** Bytes of a frame's header: stream, three zeros, length (big-endian). */
const HEADER_BYTES = 8;

/** A piece of output. */
export interface OutputFrame {
  readonly stream: LogLine['stream'];
  readonly bytes: Buffer;
}

/**
 * Takes the engine's multiplexed output apart.
 *
 * Source: https://docs.docker.com/engine/api/v1.41/#operation/ContainerAttach, “Stream format”.
 */
export async function* frames(chunks: AsyncIterable<Buffer>): AsyncGenerator<OutputFrame, void> {
  let rest = Buffer.alloc(0);
  for await (const chunk of chunks) {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= HEADER_BYTES) {
      const end = HEADER_BYTES + rest.readUInt32BE(4);
      if (rest.length < end) break;
      const stream = rest[0] === 2 ? 'stderr' : 'stdout';
      yield { stream, bytes: rest.subarray(HEADER_BYTES, end) };
      rest = rest.subarray(end);
    }
  }
}

/** The lines of a multiplexed log: one frame per entry, each beginning with its time. */
export async function* framedLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<LogLine, void> {
  for await (const { stream, bytes } of frames(chunks))
    yield lineOf(stream, bytes.toString('utf8'));
}

/** The log of a container with a terminal: lines without frames, all of one stream. */
export async function* rawLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<LogLine, void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield lineOf('stdout', `${line.replace(/\r$/, '')}\n`);
  }
  if (rest !== '') yield lineOf('stdout', rest);
}

function lineOf(stream: LogLine['stream'], entry: string): LogLine {
  const space = entry.indexOf(' ');
  const full = entry.endsWith('\n');
  const text = entry.slice(space + 1, full ? -1 : undefined);
  return { stream, time: entry.slice(0, space), text, full };
}
