import { expect, it } from 'vitest';
import { authority } from './authority.ts';

it.each([
  ['127.0.0.1', '127.0.0.1:80'],
  ['hub.example', 'hub.example:80'],
  ['::1', '[::1]:80'],
])('%s at port 80 is %s', (host, expected) => {
  expect(authority(host, 80)).toBe(expected);
  expect(URL.canParse(`http://${expected}`)).toBe(true);
});
