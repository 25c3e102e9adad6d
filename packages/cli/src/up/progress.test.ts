import { describe, expect, it } from 'vitest';
import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { Progress } from './progress.ts';

class Paper {
  text = '';
  readonly isTTY: boolean;

  constructor(isTTY: boolean) {
    this.isTTY = isTTY;
  }

  write(text: string): void {
    this.text += text;
  }
}

describe('progress', () => {
  it('says of each step that it is done, how long it took, and what is worth knowing', async () => {
    const paper = new Paper(false);
    const clock = new ManualClock();
    const work = async (): Promise<number> => {
      await clock.advance(1_250);
      return 3;
    };
    await new Progress(paper, clock).step('device kinds', work, (count) => `${count} kinds`);
    expect(paper.text).toBe('  device kinds          ok     1.3 s   3 kinds\n');
  });

  it('shows on a terminal what is under way', async () => {
    const paper = new Paper(true);
    await new Progress(paper, new ManualClock()).step('hub', () => Promise.resolve());
    expect(paper.text).toBe(
      '  hub                   …\r\u001b[K  hub                   ok     0.0 s\n',
    );
  });

  it('says which step failed, and lets the failure through', async () => {
    const paper = new Paper(false);
    const work = (): Promise<never> => Promise.reject(new Error('no'));
    await expect(new Progress(paper, new ManualClock()).step('hub', work)).rejects.toThrow('no');
    expect(paper.text).toBe('  hub                   FAILED 0.0 s\n');
  });
});
