import { readFile } from 'node:fs/promises';
import type { JsonObject } from '@skerry/apiserver/json';
import { parseYaml } from '@skerry/shared/yaml';
import { describe, expect, it } from 'vitest';
import { MalformedJudgement } from './fields.ts';
import { judgementSpec } from './judgement-spec.ts';

const root = new URL('../../../../', import.meta.url);
const of = (spec: JsonObject): JsonObject => ({ metadata: { name: 'health' }, spec });
const unit = (wish: JsonObject = {}): JsonObject => ({
  name: 'cpu',
  source: { cpu: {} },
  threshold: 90,
  ...wish,
});

describe('judgementSpec', () => {
  it('fills in what is not said', () => {
    const spec = judgementSpec(of({ units: [unit()] }), 'file');
    expect(spec).toMatchObject({
      name: 'health',
      uid: 'health',
      generation: 0,
      verifyStart: false,
      periodMs: 10_000,
      windowMs: 60_000,
      turnsAfter: 3,
    });
    expect(spec.units).toMatchObject([
      {
        mode: 'yesNo',
        comparison: '>=',
        samples: 1,
        rule: { operator: 'eq', value: '01' },
        weight: 1,
        required: false,
        source: { type: 'cpu' },
        periodMs: 10_000,
        timeoutMs: 5_000,
      },
    ]);
  });

  it('leaves what it does not know to the API server, but for a file', () => {
    const units = [unit({ later: 1 })];
    expect(judgementSpec(of({ units }), 'cluster').units).toHaveLength(1);
    const placed = { units: [unit()], nodeSelector: {} };
    expect(judgementSpec(of(placed), 'file').units).toHaveLength(1);
  });

  it('keeps results of slow units in its window', () => {
    const slow = unit({ periodSeconds: 60, timeoutSeconds: 10 });
    expect(judgementSpec(of({ units: [unit({ name: 'a' }), slow] }), 'file').windowMs).toBe(
      210_000,
    );
  });

  it('reads the example', async () => {
    const text = await readFile(new URL('examples/judgement/site-health.yaml', root), 'utf8');
    const spec = judgementSpec(parseYaml(text, 'site-health.yaml').value as JsonObject, 'cluster');
    expect(spec.units.map(({ name, mode }) => `${name} ${mode}`)).toEqual([
      'memory score',
      'disk yesNo',
      'load score',
      'engine yesNo',
      'certificate yesNo',
    ]);
    expect(spec.units[0]?.rule).toEqual({ operator: '>=', value: 40 });
  });

  it.each([
    [{ units: [] }, 'spec.units is empty'],
    [{}, 'spec.units is empty'],
    [{ units: [unit(), unit()] }, 'a name comes twice'],
    [{ units: [unit({ name: 'a#b' })] }, 'a#b is not a name'],
    [{ units: [unit({ threshold: 'high' })] }, 'spec.units[0].threshold is not a number'],
    [{ units: [{ name: 'a', source: { cpu: {} } }] }, 'threshold is missing'],
    [{ units: [unit({ source: { cpu: {}, memory: {} } })] }, 'exactly one of cpu'],
    [{ units: [unit({ source: { moon: {} } })] }, 'exactly one of cpu'],
    [{ units: [unit({ mode: 'score', comparison: '==' })] }, 'a score needs a direction'],
    [{ units: [unit({ rule: { operator: 'eq', results: ['01', '02'] } })] }, 'eq takes one'],
    [{ units: [unit({ weight: 0.5 })] }, 'weight is not a whole number'],
    [{ units: [unit({ periodSeconds: 0 })] }, 'from 1 to 86400'],
    [
      { units: [unit({ treshold: 1 })] },
      'unknown field spec.units[0].treshold; did you mean spec.units[0].threshold?',
    ],
    [{ units: [unit()], verifystart: true }, 'did you mean spec.verifyStart?'],
    [{ units: [unit()], verdicts: [{ atLeast: 2, verdict: 'Ready' }] }, 'from 0 to 1'],
    [{ units: [unit()], verdicts: [{ atLeast: 1, verdict: 'Fine' }] }, 'one of Ready, Degraded'],
  ])('says of %j what is wrong', (spec, why) => {
    const read = (): unknown => judgementSpec(of(spec), 'file');
    expect(read).toThrow(MalformedJudgement);
    expect(read).toThrow(why);
  });
});
