import type { Counter, Gauge, Metrics } from '@skerry/shared/metrics';
import type { JudgementState } from './judgement-board.ts';
import { verdicts } from './verdict.ts';
import type { Finding } from './unit.ts';

/** Figures of judgements and their units, as Prometheus reads them. */
export interface JudgementMetrics {
  readonly found: (judgement: string, unit: string, finding: Finding) => void;
  readonly stands: (state: JudgementState) => void;
  readonly gone: (state: JudgementState) => void;
}

type UnitLabel = 'judgement' | 'unit';

export function judgementMetrics(metrics: Metrics): JudgementMetrics {
  const { mean, passes, faults, z, verdict } = openAll(metrics);
  return {
    found: (judgement, unit, finding) => {
      mean.set(finding.mean ?? Number.NaN, { judgement, unit });
      if (finding.fault) faults.inc({ judgement, unit, reason: finding.fault.reason });
    },
    stands: ({ name: judgement, verdict: stands, z: share, units }) => {
      z.set(share ?? Number.NaN, { judgement });
      for (const one of verdicts) verdict.set(Number(one === stands), { judgement, verdict: one });
      for (const one of units) passes.set(Number(one.passes), { judgement, unit: one.unit });
    },
    gone: ({ name: judgement, units }) => {
      z.remove({ judgement });
      for (const one of verdicts) verdict.remove({ judgement, verdict: one });
      for (const { unit } of units) {
        mean.remove({ judgement, unit });
        passes.remove({ judgement, unit });
      }
    },
  };
}

interface Gauges {
  readonly mean: Gauge<UnitLabel>;
  readonly passes: Gauge<UnitLabel>;
  readonly faults: Counter<UnitLabel | 'reason'>;
  readonly z: Gauge<'judgement'>;
  readonly verdict: Gauge<'judgement' | 'verdict'>;
}

function openAll(metrics: Metrics): Gauges {
  const ofUnit: readonly UnitLabel[] = ['judgement', 'unit'];
  const mean = metrics.gauge<UnitLabel>(
    'judgement_unit_value',
    'Mean of the newest samples of a unit, in the unit of its source; NaN when there is none.',
    ofUnit,
  );
  const passes = metrics.gauge<UnitLabel>(
    'judgement_unit_passes',
    '1 when the result of a unit satisfies its rule.',
    ofUnit,
  );
  const faults = metrics.counter<UnitLabel | 'reason'>(
    'judgement_unit_faults_total',
    'Attempts to measure that came to nothing, by reason.',
    [...ofUnit, 'reason'],
  );
  const z = metrics.gauge<'judgement'>(
    'judgement_share',
    'Share of the weight that passes, from 0 to 1.',
    ['judgement'],
  );
  const verdict = metrics.gauge<'judgement' | 'verdict'>(
    'judgement_verdict',
    '1 for the verdict that stands.',
    ['judgement', 'verdict'],
  );
  return { mean, passes, faults, z, verdict };
}
