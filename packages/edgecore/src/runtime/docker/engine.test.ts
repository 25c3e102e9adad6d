import { expect, it } from 'vitest';
import { withTag } from './engine.ts';

it.each([
  ['nginx', 'nginx:latest'],
  ['nginx:1.29', 'nginx:1.29'],
  ['registry.example:5000/team/web', 'registry.example:5000/team/web:latest'],
  ['registry.example:5000/team/web:2', 'registry.example:5000/team/web:2'],
  ['web@sha256:0123', 'web@sha256:0123'],
])('asks for one image when it pulls %s', (name, asked) => {
  expect(withTag(name)).toBe(asked);
});
