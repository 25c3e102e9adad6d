import type { Clock } from '@skerry/shared/clock';
import type { Progress, Screen } from './progress.ts';
import type { UpSettings } from './settings.ts';

/** What `skerry up` is given by whoever runs it. */
export interface UpParts {
  readonly screen: Screen;
  readonly clock: Clock;
}

/** What each of its steps needs. */
export interface Upping extends UpParts {
  readonly settings: UpSettings;
  readonly progress: Progress;
  /** Shows a sentence about what happened. */
  readonly tell: (sentence: string) => void;
}
