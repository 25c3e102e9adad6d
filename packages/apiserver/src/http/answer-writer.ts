import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { isAbort } from '@skerry/shared/errors';
import type { Answer, Frames } from '../rest/answer.ts';
import type { Call } from '../rest/call.ts';
import { chooseForm } from './accept.ts';
import { Encoding } from './encode.ts';
import { baseHeaders, send } from './reply.ts';

/** Writes an answer in the form the client accepts; of a watch, until it ends or `signal` aborts. */
export async function writeAnswer(
  response: ServerResponse,
  { call, answer, accept }: { call: Call; answer: Answer; accept: string },
  signal: AbortSignal,
): Promise<void> {
  chooseForm(accept, ({ as }) => as === undefined);
  const encoding = new Encoding(call.resource);
  const type = 'application/json';
  switch (answer.type) {
    case 'object':
      send(
        response,
        { status: answer.status, type, body: encoding.object(answer.held) },
        call.warnings,
      );
      return;
    case 'plain':
      send(
        response,
        { status: answer.status, type, body: JSON.stringify(answer.body) },
        call.warnings,
      );
      return;
    case 'list':
      send(response, { type, body: encoding.list(answer.list) }, call.warnings);
      return;
    case 'watch':
      response.writeHead(200, { ...baseHeaders(call.warnings), 'content-type': type });
      response.flushHeaders();
      await stream(response, encoding, answer.frames(signal), signal);
  }
}

async function stream(
  response: ServerResponse,
  encoding: Encoding,
  frames: Frames,
  signal: AbortSignal,
): Promise<void> {
  for await (const batch of frames) {
    if (signal.aborted) break;
    const chunk = Buffer.concat(batch.map((frame) => encoding.frame(frame)));
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
