import type { DaemonParts } from '../daemon.ts';
import type { TracingConfig } from '../config-sections.ts';
import { skerryVersion } from '../version.ts';
import type { Tracing } from './tracing.ts';

type Parts = Pick<
  DaemonParts<{ readonly tracing: TracingConfig }>,
  'config' | 'clock' | 'metrics' | 'log'
>;

/** Who speaks in traces. */
export interface Speaker {
  readonly name: 'cloudhub' | 'edgecore';
  /** Which of them. */
  readonly instance: string;
}

/** Undefined where nobody asked for traces: the libraries are not even loaded then. */
export async function openTracing(
  { config, ...parts }: Parts,
  { name, instance }: Speaker,
): Promise<(Tracing & AsyncDisposable) | undefined> {
  const { endpoint: url, sampleRatio } = config.tracing;
  if (url === undefined) return undefined;
  const [{ OtlpTracing, exportTimeoutMs }, { OTLPTraceExporter }] = await Promise.all([
    import('./otlp-tracing.ts'),
    import('@opentelemetry/exporter-trace-otlp-http'),
  ]);
  const resource = {
    'service.name': name,
    'service.version': skerryVersion,
    'service.instance.id': instance,
  };
  const exporter = new OTLPTraceExporter({ url, timeoutMillis: exportTimeoutMs });
  return new OtlpTracing({ ...parts, exporter, sampleRatio, resource });
}
