import type { AlertSource, Labels, Sighting } from '@skerry/shared/alarms/alert-rule';
import { daysUntilExpiry } from '@skerry/shared/certificate-days';
import type { Clock } from '@skerry/shared/clock';
import type { Metrics, Sample } from '@skerry/shared/metrics';
import { keyParts, type NodeName, type ObjectKey } from '@skerry/shared/names';
import type { Increases } from './increases.ts';
import { looked, type ToldStatuses } from './told-statuses.ts';

/** What rules may ask of the judgements of this node. */
export interface JudgementReader {
  list(): readonly {
    readonly name: string;
    readonly verdict: string | undefined;
    readonly units: readonly {
      readonly unit: string;
      readonly mean: number | undefined;
      readonly result: string;
      readonly passes: boolean;
    }[];
  }[];
}

export interface SourceParts {
  readonly node: NodeName;
  readonly statuses: ToldStatuses;
  readonly metrics: Metrics;
  readonly judgements: JudgementReader;
  readonly increases: Increases;
  /** PEM file of the agent. */
  readonly certificate: string;
  readonly clock: Clock;
}

const lossMetric = 'skerry_edge_reports_dropped_total';

/** What a source says now; nothing where it has nothing to be about. */
export async function sightingsOf(source: AlertSource, parts: SourceParts): Promise<Sighting[]> {
  switch (source.type) {
    case 'unit':
      return unitSightings(source, parts);
    case 'verdict':
      return parts.judgements
        .list()
        .filter(({ name }) => name === (source.judgement ?? name))
        .map(({ name, verdict }) => ({
          instance: name,
          labels: { judgement: name },
          value: verdict,
        }));
    case 'metric':
      return metricSightings(source, parts);
    case 'outboxLoss':
      return metricSightings({ ...source, type: 'metric', name: lossMetric, labels: {} }, parts);
    case 'nodeCondition':
      return conditionSightings(source, parts);
    case 'device':
      return deviceSightings(source, parts);
    case 'container':
      return containerSightings(source, parts);
    case 'certificate':
      return certificateSightings(parts);
    case 'nodeSilence':
      return []; // nobody hears of their own silence: the hub looks
  }
}

type Source<T extends AlertSource['type']> = Extract<AlertSource, { type: T }>;

function unitSightings(
  { judgement, unit: name, measure }: Source<'unit'>,
  { judgements }: SourceParts,
): Sighting[] {
  const judged = judgements.list().find((one) => one.name === judgement);
  const unit = judged?.units.find((one) => one.unit === name);
  if (!unit) return [];
  const score = /^\d{3}$/.test(unit.result) ? Number(unit.result) : undefined;
  const isKnown = unit.result !== '--';
  const values = { mean: unit.mean, score, passes: isKnown ? Number(unit.passes) : undefined };
  const labels = { judgement, unit: name };
  return [{ instance: `${judgement}/${name}`, labels, value: values[measure] }];
}

async function metricSightings(
  { name, labels, increaseSeconds }: Source<'metric'>,
  { metrics, increases, clock }: SourceParts,
): Promise<Sighting[]> {
  const samples = (await metrics.samples(name)).filter((sample) => bears(sample, labels));
  const series = new Map(samples.map((sample) => [seriesOf(sample.labels), sample]));
  const values = new Map([...series].map(([key, { value }]) => [key, value]));
  const shown =
    increaseSeconds === undefined
      ? values
      : increases.over(JSON.stringify([name, labels, increaseSeconds]), values, {
          now: clock.monotonic(),
          windowMs: increaseSeconds * 1_000,
        });
  return [...series].map(([instance, sample]) => ({
    instance,
    labels: sample.labels,
    value: shown.get(instance),
  }));
}

function bears(sample: Sample, labels: Labels): boolean {
  return Object.entries(labels).every(([name, value]) => sample.labels[name] === value);
}

function seriesOf(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .toSorted()
    .join();
}

async function conditionSightings(
  { condition }: Source<'nodeCondition'>,
  { statuses, node }: SourceParts,
): Promise<Sighting[]> {
  const own = [...(await statuses.of(looked.nodes))].find(([key]) => keyParts(key).name === node);
  const value = own?.[1].conditions.get(condition);
  return [{ instance: condition, labels: { condition }, value }];
}

async function deviceSightings(
  { namespace, name, condition }: Source<'device'>,
  { statuses }: SourceParts,
): Promise<Sighting[]> {
  const devices = [...(await statuses.of(looked.devices))].filter(([key]) =>
    isNamed(key, namespace, name),
  );
  return devices.map(([key, { state, conditions }]) => {
    const { namespace: where, name: device } = keyParts(key);
    const labels = { namespace: where, device, ...(condition !== undefined && { condition }) };
    const value = condition === undefined ? state : conditions.get(condition);
    return { instance: `${where}/${device}`, labels, value };
  });
}

async function containerSightings(
  { namespace, pod: name }: Source<'container'>,
  { statuses }: SourceParts,
): Promise<Sighting[]> {
  const pods = [...(await statuses.of(looked.pods))].filter(([key]) =>
    isNamed(key, namespace, name),
  );
  return pods.flatMap(([key, { waiting }]) => {
    const { namespace: where, name: pod } = keyParts(key);
    return [...waiting].map(([container, value]) => ({
      instance: `${where}/${pod}/${container}`,
      labels: { namespace: where, pod, container },
      value,
    }));
  });
}

function isNamed(key: ObjectKey, namespace?: string, name?: string): boolean {
  const is = keyParts(key);
  return is.namespace === (namespace ?? is.namespace) && is.name === (name ?? is.name);
}

async function certificateSightings({ certificate, clock }: SourceParts): Promise<Sighting[]> {
  const days = await daysUntilExpiry(certificate, clock.now());
  return [{ instance: '', labels: {}, value: Math.floor(days) }];
}
