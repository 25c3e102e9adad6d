import { describe, expect, it } from 'vitest';
import { chooseForm, type Wanted } from './accept.ts';

const speaksTables = ({ as }: Wanted): boolean => as === undefined || as === 'Table';

describe('Accept', () => {
  it.each([
    ['', undefined],
    ['*/*', undefined],
    ['application/json', undefined],
    ['application/vnd.kubernetes.protobuf,application/json', undefined],
    ['application/json;as=Table;v=v1;g=meta.k8s.io,application/json', 'Table'],
    ['application/json;as=Chart;v=v1;g=meta.k8s.io, application/json', undefined],
    ['application/json;q=0.5, application/json;as=Table;q=0.9', 'Table'],
  ])('%s chooses %s', (accept, as) => {
    expect(chooseForm(accept, speaksTables).as).toBe(as);
  });

  it.each(['application/vnd.kubernetes.protobuf', 'text/html', 'application/json;q=0'])(
    'refuses %s',
    (accept) => {
      expect(() => chooseForm(accept, speaksTables)).toThrow('only the following media types');
    },
  );
});
