import * as prometheus from 'prom-client';
import { InvariantViolation } from './errors.ts';
import { processFigures } from './process-figures.ts';

/** Values of a metric's labels. Few and bounded: never a node, a pod or a device. */
export type Labels<L extends string> = Readonly<Record<L, string>>;

export interface Counter<L extends string = never> {
  inc(labels?: Labels<L>, by?: number): void;
}

export interface Gauge<L extends string = never> {
  set(value: number, labels?: Labels<L>): void;
  /** What these labels stand for is no more. */
  remove(labels: Labels<L>): void;
}

export interface Histogram<L extends string = never> {
  observe(value: number, labels?: Labels<L>): void;
}

/**
 * The figures of one process, as Prometheus reads them. Names are given without the daemon's prefix, in
 * base units (`_seconds`, `_bytes`); counters end in `_total`. Asking twice for a name gives the same
 * metric.
 *
 * Source: https://prometheus.io/docs/practices/naming/
 */
export interface Metrics {
  counter<L extends string = never>(
    name: `${string}_total`,
    help: string,
    labels?: readonly L[],
  ): Counter<L>;
  gauge<L extends string = never>(name: string, help: string, labels?: readonly L[]): Gauge<L>;
  /** A gauge whose value is read when Prometheus asks: for sizes and depths. */
  gaugeOf(name: string, help: string, read: () => number): void;
  /**
   * The same by labels; several may read for one name, and what none of them tells is not shown. One that
   * fails tells nothing: it keeps nothing else from being shown.
   */
  gaugesOf<L extends string>(
    name: string,
    help: string,
    labels: readonly L[],
    read: ReadGauges<L>,
  ): void;
  histogram<L extends string = never>(
    name: string,
    help: string,
    buckets: readonly number[],
    labels?: readonly L[],
  ): Histogram<L>;
  /** Text exposition format 0.0.4. */
  text(): Promise<string>;
  /** What one metric is now, by its full name; a histogram is asked for as `_sum` and `_count`. */
  samples(fullName: string): Promise<readonly Sample[]>;
}

/** A value now, and what it is of. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

type Readings<L extends string> = Iterable<readonly [Labels<L>, number]>;
export type ReadGauges<L extends string> = () => Readings<L> | Promise<Readings<L>>;

/** Upper bounds for spans from one millisecond to ten seconds. */
export const latencyBucketsSeconds: readonly number[] = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10,
];

/** Upper bounds for spans from a tenth of a second to ten minutes. */
export const longBucketsSeconds: readonly number[] = [
  0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600,
];

/** A registry of its own, with the process's memory, CPU and start time in it. */
export function openMetrics(prefix: 'skerry_hub' | 'skerry_edge'): Metrics {
  const metrics = new Registered(prefix);
  metrics.addProcess();
  return metrics;
}

class Registered implements Metrics {
  readonly #readers = new Map<string, ReadGauges<string>[]>();
  readonly #registry = new prometheus.Registry();
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  counter<L extends string = never>(
    name: `${string}_total`,
    help: string,
    labels: readonly L[] = [],
  ): Counter<L> {
    const counter = this.#once(name, prometheus.Counter<L>, (full, registers) => {
      return new prometheus.Counter<L>({ name: full, help, labelNames: labels, registers });
    });
    return { inc: (values, by = 1) => counter.inc({ ...values } as Labels<L>, by) };
  }

  gauge<L extends string = never>(name: string, help: string, labels: readonly L[] = []): Gauge<L> {
    const gauge = this.#once(name, prometheus.Gauge<L>, (full, registers) => {
      return new prometheus.Gauge<L>({ name: full, help, labelNames: labels, registers });
    });
    return {
      set: (value, values) => gauge.set({ ...values } as Labels<L>, value),
      remove: (values) => gauge.remove({ ...values }),
    };
  }

  gaugeOf(name: string, help: string, read: () => number): void {
    this.#once(name, prometheus.Gauge, (full, registers) => {
      return new prometheus.Gauge({
        name: full,
        help,
        registers,
        collect(): void {
          this.set(read());
        },
      });
    });
  }

  gaugesOf<L extends string>(
    name: string,
    help: string,
    labels: readonly L[],
    read: ReadGauges<L>,
  ): void {
    const readers = this.#readers.get(name) ?? [];
    this.#readers.set(name, [...readers, read]);
    const all = (): readonly ReadGauges<string>[] => this.#readers.get(name) ?? [];
    this.#once(name, prometheus.Gauge<L>, (full, registers) => {
      return new prometheus.Gauge<L>({
        ...{ name: full, help, labelNames: labels, registers },
        async collect(): Promise<void> {
          const told = await Promise.allSettled(all().map(async (reader) => [...(await reader())]));
          this.reset();
          for (const one of told)
            if (one.status === 'fulfilled')
              for (const [of, value] of one.value) this.set(of as Labels<L>, value);
        },
      });
    });
  }

  histogram<L extends string = never>(
    name: string,
    help: string,
    buckets: readonly number[],
    labels: readonly L[] = [],
  ): Histogram<L> {
    const histogram = this.#once(name, prometheus.Histogram<L>, (full, registers) => {
      return new prometheus.Histogram<L>({
        name: full,
        help,
        labelNames: labels,
        buckets: [...buckets],
        registers,
      });
    });
    return { observe: (value, values) => histogram.observe({ ...values } as Labels<L>, value) };
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  async samples(fullName: string): Promise<readonly Sample[]> {
    const part = /_(?:sum|count|bucket)$/;
    const metric =
      this.#registry.getSingleMetric(fullName) ??
      this.#registry.getSingleMetric(fullName.replace(part, ''));
    if (!metric) return [];
    const { values } = await metric.get();
    const named = values as (prometheus.MetricValue<string> & { metricName?: string })[];
    return named
      .filter(({ metricName = fullName }) => metricName === fullName)
      .map(({ labels, value }) => ({ labels: textOf(labels), value }));
  }

  /** The names every Prometheus client library uses, without our prefix. */
  addProcess(): void {
    const registers = [this.#registry];
    for (const { name, help, read } of processFigures()) {
      const options = { name, help, registers };
      if (name.endsWith('_total')) {
        new prometheus.Counter({
          ...options,
          collect(): void {
            this.reset();
            this.inc(read());
          },
        });
      } else {
        new prometheus.Gauge({
          ...options,
          collect(): void {
            this.set(read());
          },
        });
      }
    }
  }

  #once<M extends prometheus.Metric>(
    name: string,
    kind: abstract new (...parts: never[]) => M,
    make: (full: string, registers: prometheus.Registry[]) => M,
  ): M {
    const full = `${this.#prefix}_${name}`;
    const held = this.#registry.getSingleMetric(full);
    if (held === undefined) return make(full, [this.#registry]);
    if (!(held instanceof kind)) throw new InvariantViolation(`${full} is of another kind`);
    return held;
  }
}

function textOf(labels: Partial<Record<string, string | number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, String(value)]));
}

/** Counts nothing: for tests and one-shot commands. */
export const noMetrics: Metrics = {
  counter: () => ({ inc: () => undefined }),
  gauge: () => ({ set: () => undefined, remove: () => undefined }),
  gaugeOf: () => undefined,
  gaugesOf: () => undefined,
  histogram: () => ({ observe: () => undefined }),
  text: () => Promise.resolve(''),
  samples: () => Promise.resolve([]),
};
