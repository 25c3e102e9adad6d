import type { ObjectKey } from '@skerry/shared/names';
import { describe, expect, it } from 'vitest';
import { PodNews } from './pod-news.ts';

const [web, other] = ['pods/default/web', 'pods/default/other'] as ObjectKey[] as [
  ObjectKey,
  ObjectKey,
];

function made(): { news: PodNews; woken: ObjectKey[] } {
  const woken: ObjectKey[] = [];
  return { woken, news: new PodNews({ add: (key) => woken.push(key) }) };
}

describe('news of a pod', () => {
  it('brings a turn', () => {
    const { news, woken } = made();
    news.heard(web);
    expect(woken).toEqual([web]);
  });

  it('brings none while a look follows that sees it, but of another pod it does', () => {
    const { news, woken } = made();
    news.lookFollows(web);
    news.heard(web);
    news.heard(other);
    news.looking(web);
    news.over(web);
    expect(woken).toEqual([other]);
  });

  it('brings one when it comes after the look began', () => {
    const { news, woken } = made();
    news.lookFollows(web);
    news.looking(web);
    news.heard(web);
    expect(woken).toEqual([web]);
  });

  it('brings one when the look that was to follow did not come', () => {
    const { news, woken } = made();
    news.lookFollows(web);
    news.heard(web);
    news.over(web);
    expect(woken).toEqual([web]);
  });
});
