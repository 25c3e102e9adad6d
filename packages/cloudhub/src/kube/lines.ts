import { MalformedResponse } from './kube-errors.ts';

/** Longest line read, bytes. etcd takes no object above 1.5 MiB; a line above this is not one. */
export const maxLineBytes: number = 16 * 1024 * 1024;

const newline = 0x0a;

/**
 * Splits a stream of bytes into lines, wherever the network cut it. Empty lines are left out; an
 * unfinished last line is dropped, because what it said will be said again.
 *
 * Throws MalformedResponse when a line grows beyond `maxLineBytes`.
 */
export async function* lines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  let pieces: Buffer[] = [];
  let held = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      const tail = chunk.subarray(start, end);
      const line = held === 0 ? tail : Buffer.concat([...pieces, tail]);
      pieces = [];
      held = 0;
      start = end + 1;
      if (line.length > 0) yield line;
    }
    if (start === chunk.length) continue;
    pieces.push(chunk.subarray(start));
    held += chunk.length - start;
    if (held > maxLineBytes)
      throw new MalformedResponse(`a line of more than ${maxLineBytes} bytes`);
  }
}
