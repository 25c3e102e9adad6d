import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { isAbort } from '@skerry/shared/errors';
import type { Answer, Frames, WatchFrame } from '../rest/answer.ts';
import { bytesOf, pieceBytes, type Form } from './forms/form.ts';
import { baseHeaders, send } from './reply.ts';
import type { RequestEnd } from './request-end.ts';

/** Writes an answer in the form chosen; of a watch, until it ends or the end of the request comes. */
export async function writeAnswer(
  response: ServerResponse,
  { form, answer, warnings }: { form: Form; answer: Answer; warnings: readonly string[] },
  end: RequestEnd,
): Promise<void> {
  const type = 'application/json';
  switch (answer.type) {
    case 'object': {
      send(response, { type, status: answer.status, body: form.object(answer.held) }, warnings);
      return;
    }
    case 'plain': {
      send(response, { type, status: answer.status, body: bytesOf(answer.body) }, warnings);
      return;
    }
    case 'list': {
      await sendList(response, form.list(answer.list), warnings, end.signal);
      return;
    }
    case 'text': {
      response.writeHead(200, {
        ...baseHeaders(warnings),
        'content-type': 'text/plain; charset=utf-8',
      });
      response.flushHeaders();
      await streamText(response, answer.chunks(end.signal), end.signal);
      return;
    }
    case 'watch':
      response.writeHead(200, { ...baseHeaders(warnings), 'content-type': type });
      response.flushHeaders();
      await stream(response, form, answer.frames(end.signal), end.signal);
  }
}

/** A short list goes as a whole; a long one piece by piece, with others served in between. */
async function sendList(
  response: ServerResponse,
  list: Iterable<Uint8Array, void>,
  warnings: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const type = 'application/json';
  const pieces = list[Symbol.iterator]();
  const [first, second] = [pieces.next(), pieces.next()];
  if (first.done === true || second.done === true) {
    send(response, { type, body: first.done === true ? '' : first.value }, warnings);
    return;
  }
  response.writeHead(200, { ...baseHeaders(warnings), 'content-type': type });
  response.write(first.value);
  for (
    let next: IteratorResult<Uint8Array, void> = second;
    next.done !== true;
    next = pieces.next()
  ) {
    if (!response.write(next.value)) await drained(response, signal);
    await setImmediate();
    if (signal.aborted) {
      response.destroy(); // half a list must not look like a whole one
      return;
    }
  }
  response.end();
}

async function stream(
  response: ServerResponse,
  form: Form,
  frames: Frames,
  signal: AbortSignal,
): Promise<void> {
  for await (const batch of frames) {
    for (const piece of framesInPieces(form, batch)) {
      if (signal.aborted) break;
      if (!response.write(piece)) await drained(response, signal);
    }
    if (signal.aborted) break;
  }
  response.end();
}

/** A client that reads slowly, or never, costs one piece, whatever it still has to be told. */
function* framesInPieces(form: Form, batch: readonly WatchFrame[]): Generator<Uint8Array, void> {
  let [piece, size]: [Uint8Array[], number] = [[], 0];
  for (const frame of batch) {
    const bytes = form.frame(frame);
    piece.push(bytes);
    size += bytes.length;
    if (size < pieceBytes) continue;
    yield Buffer.concat(piece);
    [piece, size] = [[], 0];
  }
  if (size > 0) yield Buffer.concat(piece);
}

async function streamText(
  response: ServerResponse,
  chunks: AsyncIterable<string>,
  signal: AbortSignal,
): Promise<void> {
  for await (const chunk of chunks) {
    if (signal.aborted) break;
    if (!response.write(chunk)) await drained(response, signal);
  }
  response.end();
}

async function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  try {
    await once(response, 'drain', { signal });
  } catch (error) {
    if (!isAbort(error, signal)) throw error;
  }
}
