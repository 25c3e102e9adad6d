import { choice, ratio, section, text, url, type Section } from './config-fields.ts';
import { logFormats, logLevels, type LogFormat, type LogLevel } from './log.ts';

/** What both daemons say of their log. */
export interface LogConfig {
  readonly level: LogLevel;
  readonly format: LogFormat;
}

/** PEM files. */
export interface TlsConfig {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export const logSection: Section<LogConfig> = section('What is written to standard error.', {
  level: choice(logLevels, { doc: 'The least severe line that is written.', default: 'info' }),
  format: choice(logFormats, {
    doc: 'JSON lines for machines, or colours and columns for people.',
    default: 'json',
  }),
});

/** Where traces go; nowhere without an endpoint. */
export interface TracingConfig {
  readonly endpoint?: string | undefined;
  readonly sampleRatio: number;
}

export const tracingSection: Section<TracingConfig> = section(
  'Traces of single changes and reports, for an OpenTelemetry collector.',
  {
    endpoint: url(['http', 'https'], {
      doc: 'Where the collector takes OTLP over HTTP, for example http://127.0.0.1:4318/v1/traces. Absent: nothing is traced.',
      optional: true,
    }),
    sampleRatio: ratio({ doc: 'Share of the traces begun here that is recorded.', default: 1 }),
  },
);

/** `name` is that of the files that belong to this daemon, `use` what the certificate is for. */
export function tlsSection(name: string, use: string): Section<TlsConfig> {
  return section(`PEM files. ${use}`, {
    ca: text({
      doc: 'Certificates of the authority that the other side is judged by.',
      default: '/etc/skerry/pki/ca.crt',
    }),
    cert: text({ doc: 'Our certificate.', default: `/etc/skerry/pki/${name}.crt` }),
    key: text({
      doc: 'Its private key; readable by its owner alone.',
      default: `/etc/skerry/pki/${name}.key`,
    }),
  });
}
