import { expect, it } from 'vitest';
import { placeOf } from './place-of.ts';

it.each([
  ['https://hooks.example/services/T0/B0/s3cret?token=s3cret', 'https://hooks.example'],
  ['mqtt://pump:s3cret@broker.example:1883', 'mqtt://broker.example:1883'],
  ['wss://u:s3cret@[2001:db8::1]:8884/mqtt', 'wss://[2001:db8::1]:8884'],
  ['s3cret', 'what is no URL'],
])('of %s nothing is told that opens it', (url, place) => expect(placeOf(url)).toBe(place));
