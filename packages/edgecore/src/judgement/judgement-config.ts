import { integer, section, text, type Section } from '@skerry/shared/config-fields';
import { defaultResultsPolicy } from './result-store.ts';

/** How the node judges how it fares; meaning, unit and default of each field stand in `judgementSection`. */
export interface JudgementConfig {
  readonly dir?: string | undefined;
  readonly results: { readonly perUnit: number; readonly maxAgeSeconds: number };
}

export const judgementSection: Section<JudgementConfig> = section('How the node fares.', {
  dir: text({
    doc: 'Directory of StatusJudgements, *.yaml and *.json: judged by before a hub has placed one of the same name here.',
    optional: true,
  }),
  results: section('What units found, for people at the node.', {
    perUnit: integer(
      { min: 10, max: 1_000_000, unit: 'results' },
      { doc: 'Kept of each unit; the oldest goes first.', default: defaultResultsPolicy.perUnit },
    ),
    maxAgeSeconds: integer(
      { min: 60, max: 315_360_000, unit: 'seconds' },
      { doc: 'What is older goes.', default: defaultResultsPolicy.maxAgeSeconds },
    ),
  }),
});
