import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { expect, it } from 'vitest';
import { answersHistory, type HistoryParts } from './device-history.ts';

it.each(['//', '/v1/edge', '//[', 'http://', '*'])(
  'leaves alone who asks for %s, with no certificate at all',
  (url) => {
    const request = Object.assign(new IncomingMessage(new Socket()), { url });
    const response = new ServerResponse(request);
    expect(answersHistory({} as HistoryParts, request, response)).toBe(false);
  },
);
