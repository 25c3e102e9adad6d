import { describe, expect, it } from 'vitest';
import { readSilence } from './read-rule.ts';

const silence = (spec: object): ReturnType<typeof readSilence> =>
  readSilence({ metadata: { name: 'night' }, spec: { matchLabels: { site: 'north' }, ...spec } });

describe('a silence', () => {
  it('lasts from when it says, or since ever, until when it says', () => {
    const endsAt = '2026-01-02T00:00:00Z';
    expect(silence({ endsAt })).toMatchObject({ endsAt: Date.parse(endsAt) });
    expect(silence({ endsAt })).not.toHaveProperty('startsAt');
    const startsAt = '2026-01-01T00:00:00Z';
    expect(silence({ endsAt, startsAt })).toMatchObject({ startsAt: Date.parse(startsAt) });
  });

  it('says which of its times is none', () => {
    const endsAt = '2026-01-02T00:00:00Z';
    expect(() => silence({ endsAt: 'tomorrow' })).toThrow('endsAt is not a time');
    expect(() => silence({ endsAt, startsAt: 'now' })).toThrow('startsAt is not a time');
  });
});
