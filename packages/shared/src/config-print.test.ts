import { describe, expect, it } from 'vitest';
import { integer, port, section, text } from './config-fields.ts';
import { printConfig } from './config-print.ts';
import { readConfig, type ConfigKind } from './config.ts';

interface Settings {
  readonly dataDir: string;
  readonly hub: { readonly port: number; readonly redial: { readonly maxMs: number } };
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

const kind: ConfigKind<Settings> = {
  kind: 'Test',
  fields: {
    dataDir: text({ doc: 'Where things are kept.' }),
    hub: section('The cloud side.', {
      port: port({ doc: 'Where it listens.', default: 10_000 }),
      redial: section('Delays between attempts.', {
        maxMs: integer(
          { min: 1, max: 9000, unit: 'milliseconds' },
          { doc: 'The longest.', default: 500 },
        ),
      }),
    }),
    username: text({ doc: 'Who we are.', optional: true }),
    password: text({ doc: 'How we prove it.', optional: true, secret: true }),
  },
};

describe('a printed configuration', () => {
  it('explains every field and hides secrets', () => {
    const environment = { SKERRY_DATA_DIR: '/data', SKERRY_PASSWORD: 'hunter2' };
    expect(printConfig(kind, readConfig(kind, { environment }))).toBe(`\
apiVersion: config.skerry.io/v1alpha1
kind: Test
# Where things are kept.
# SKERRY_DATA_DIR: a text; required
dataDir: /data

# The cloud side.
hub:
  # Where it listens.
  # SKERRY_HUB_PORT: an integer from 0 to 65535
  port: 10000

  # Delays between attempts.
  redial:
    # The longest.
    # SKERRY_HUB_REDIAL_MAX_MS: an integer from 1 to 9000 (milliseconds)
    maxMs: 500
# Who we are.
# SKERRY_USERNAME: a text
# username:
# How we prove it.
# SKERRY_PASSWORD: a text
# password: …
`);
  });

  it('reads back as the same', () => {
    const environment = { SKERRY_DATA_DIR: 'true: [', SKERRY_HUB_PORT: '7', SKERRY_USERNAME: '12' };
    const config = readConfig(kind, { environment });
    const file = { name: 'printed.yaml', text: printConfig(kind, config) };
    expect(readConfig(kind, { file, environment: {} })).toEqual(config);
  });
});
