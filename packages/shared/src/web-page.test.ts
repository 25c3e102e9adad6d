import { expect, it } from 'vitest';
import { mayBeOfWebPage } from './web-page.ts';

it.each(['localhost', 'LocalHost:10550', '127.0.0.1:10550', '127.3.2.1', '[::1]:9641'])(
  'a program that calls this machine %s is none',
  (host) => expect(mayBeOfWebPage({ host })).toBe(false),
);

it.each([
  { host: 'rebound.example:10550' },
  { host: '127.0.0.1.rebound.example' },
  { host: 'localhost.example' },
  { host: '192.0.2.7:10550' },
  { host: '127.0.0.1:10550', origin: 'https://page.example' },
  { host: 'localhost', origin: 'null' },
  {},
])('what sends %j may be one', (headers) => expect(mayBeOfWebPage(headers)).toBe(true));
