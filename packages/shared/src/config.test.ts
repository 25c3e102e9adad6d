import { describe, expect, it } from 'vitest';
import { choice, integer, port, section, text, url, urls } from './config-fields.ts';
import { environmentName, readConfig, type ConfigKind, type ConfigSources } from './config.ts';

interface Settings {
  readonly dataDir: string;
  readonly hub: { readonly url: string; readonly redial: { readonly maxMs: number } };
  readonly metrics: { readonly port: number };
  readonly mode: 'embedded' | 'external';
  readonly password?: string | undefined;
}

const kind: ConfigKind<Settings> = {
  kind: 'EdgeCoreConfiguration',
  fields: {
    dataDir: text({ doc: 'Where.', default: '/var/lib/skerry' }),
    hub: section('The cloud side.', {
      url: url(['wss'], { doc: 'Where the hub is.' }),
      redial: section('Delays.', {
        maxMs: integer({ min: 1, max: 9000, unit: 'milliseconds' }, { doc: 'Most.', default: 500 }),
      }),
    }),
    metrics: section('Metrics.', { port: port({ doc: 'Where.', default: 9641 }) }),
    mode: choice(['embedded', 'external'], { doc: 'Which.', default: 'embedded' }),
    password: text({ doc: 'Secret.', optional: true, secret: true }),
  },
};

const head = 'apiVersion: config.skerry.io/v1alpha1\nkind: EdgeCoreConfiguration\n';
const hub = 'hub:\n  url: wss://hub:10000\n';
const read = (body: string, more: Partial<ConfigSources> = {}): Settings =>
  readConfig(kind, { file: { name: 'edgecore.yaml', text: body }, environment: {}, ...more });

describe('a configuration', () => {
  it('has the defaults of everything nobody said', () => {
    expect(read(head + hub)).toEqual({
      dataDir: '/var/lib/skerry',
      hub: { url: 'wss://hub:10000', redial: { maxMs: 500 } },
      metrics: { port: 9641 },
      mode: 'embedded',
      password: undefined,
    });
  });

  it('takes the environment over the file and the command line over both', () => {
    const body = `${head}${hub}metrics:\n  port: 1\ndataDir: /file\nmode: external\n`;
    const settings = read(body, {
      environment: { SKERRY_METRICS_PORT: '2', SKERRY_DATA_DIR: '/environment' },
      flags: { dataDir: { name: '--data-dir', text: '/flag' } },
    });
    expect(settings).toMatchObject({
      dataDir: '/flag',
      metrics: { port: 2 },
      mode: 'external',
    });
  });

  it('takes several addresses as a list, or as text with commas', () => {
    const several: ConfigKind<{ readonly hubs: readonly string[] }> = {
      kind: 'EdgeCoreConfiguration',
      fields: { hubs: urls(['wss'], { doc: 'Where.', default: [] }) },
    };
    const readHubs = (body: string, environment = {}): readonly string[] =>
      readConfig(several, { file: { name: 'f.yaml', text: head + body }, environment }).hubs;
    expect(readHubs('')).toEqual([]);
    expect(readHubs('hubs: [wss://a, wss://b]')).toEqual(['wss://a', 'wss://b']);
    expect(readHubs('', { SKERRY_HUBS: 'wss://a, wss://b' })).toEqual(['wss://a', 'wss://b']);
    expect(() => readHubs('hubs: [wss://a, https://b]')).toThrow(
      'f.yaml:3: field "hubs" must be a list, each of it a URL that begins with wss://',
    );
  });

  it('names every setting in the environment after its path', () => {
    expect(environmentName(['hub', 'dialTimeoutSeconds'])).toBe('SKERRY_HUB_DIAL_TIMEOUT_SECONDS');
  });

  it('needs no file when the environment says what is required', () => {
    const settings = readConfig(kind, { environment: { SKERRY_HUB_URL: 'wss://hub' } });
    expect(settings.hub.url).toBe('wss://hub');
  });

  it('treats an empty section as if it were not there', () => {
    expect(read(`${head}${hub}metrics:\n`).metrics.port).toBe(9641);
  });
});

describe('a flawed configuration', () => {
  it.each([
    [
      `${head}hubb:\n  url: wss://hub\n${hub}`,
      'edgecore.yaml:4: unknown field "hubb.url"; did you mean "hub.url"?',
    ],
    [`${head}${hub}colour: red\n`, 'edgecore.yaml:5: unknown field "colour"'],
    [
      `${head}${hub}metrics:\n  port: "80"\n`,
      'edgecore.yaml:6: field "metrics.port" must be an integer from 0 to 65535, not "80"',
    ],
    [
      `${head}${hub}metrics: 80\n`,
      'edgecore.yaml:5: field "metrics" must be a mapping of fields, not 80',
    ],
    [
      `${head}${hub}mode: both\n`,
      'edgecore.yaml:5: field "mode" must be one of embedded, external, not "both"',
    ],
    [
      `${head}hub:\n  url: http://hub\n`,
      'edgecore.yaml:4: field "hub.url" must be a URL that begins with wss://, not "http://hub"',
    ],
    [head, 'field "hub.url" is required: set it in edgecore.yaml, or as SKERRY_HUB_URL'],
    [`${head}${hub}password: 1234\n`, 'edgecore.yaml:5: field "password" must be a text, not "…"'],
    [
      `apiVersion: v1\n${hub}`,
      'edgecore.yaml:1: "apiVersion" must be "config.skerry.io/v1alpha1", not "v1"\n' +
        'edgecore.yaml: "kind" must be "EdgeCoreConfiguration", it is missing',
    ],
    [`${head}${hub}mode: external\nmode: embedded\n`, 'edgecore.yaml:6: Map keys must be unique'],
    [`${head}hub: [`, /^edgecore\.yaml:3: /],
  ])('is refused with the place and the reason: %j', (body, message) => {
    expect(() => read(body)).toThrow(message);
  });

  it('is refused by the name of the variable or the flag that is wrong', () => {
    expect(() => read(head + hub, { environment: { SKERRY_METRICS_PORT: 'high' } })).toThrow(
      'SKERRY_METRICS_PORT: field "metrics.port" must be an integer from 0 to 65535, not "high"',
    );
    const flags = { mode: { name: '--mode', text: 'both' } };
    expect(() => read(head + hub, { flags })).toThrow('--mode: field "mode" must be one of');
  });

  it('is told every flaw at once', () => {
    expect(() => read(`${head}colour: red\nmode: both\n`)).toThrow(
      /colour.*\n.*"mode".*\n.*"hub\.url"|colour.*\n.*"hub\.url".*\n.*"mode"/,
    );
  });
});
