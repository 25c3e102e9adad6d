import type { Field, Schema } from './config-fields.ts';
import { Misconfiguration } from './errors.ts';
import { nearest } from './nearest.ts';
import { parseYaml, type YamlDocument } from './yaml.ts';

export const configApiVersion = 'config.skerry.io/v1alpha1';

/** What a daemon can be told. */
export interface ConfigKind<T> {
  /** `kind` of the file, for example `EdgeCoreConfiguration`. */
  readonly kind: string;
  readonly fields: Schema<T>;
}

/** Where settings come from, weakest first: defaults, the file, the environment, the command line. */
export interface ConfigSources {
  readonly file?: { readonly name: string; readonly text: string } | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** From a field's path to what a flag says of it. */
  readonly flags?: Readonly<Record<string, Flag | undefined>>;
}

export interface Flag {
  /** As the user wrote it, for example `--data-dir`. */
  readonly name: string;
  readonly text: string;
}

/** A schema without its type, as the walk below sees it. */
export type AnyField = Field<unknown>;
export type AnySchema = Readonly<Record<string, AnyField | AnySection>>;
export interface AnySection {
  readonly type: 'section';
  readonly doc: string;
  readonly fields: AnySchema;
}

/** `metrics.port` is `SKERRY_METRICS_PORT` in the environment, `hub.dialTimeoutSeconds` is `SKERRY_HUB_DIAL_TIMEOUT_SECONDS`. */
export function environmentName(path: readonly string[]): string {
  const words = path.map((name) => name.replaceAll(/[A-Z]/g, '_$&').toUpperCase());
  return ['SKERRY', ...words].join('_');
}

/**
 * The configuration that `sources` say. Throws Misconfiguration that names every flaw at once, each on
 * its own line and with the place where it stands: unknown fields, wrong types, missing values.
 */
export function readConfig<T>(kind: ConfigKind<T>, sources: ConfigSources): T {
  const reading = new Reading(kind.fields, sources);
  const config = reading.read(kind.kind);
  if (reading.flaws.length > 0) throw new Misconfiguration(reading.flaws.join('\n'));
  return config as T;
}

type Tree = Readonly<Record<string, unknown>>;

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(field: AnyField, value: unknown): unknown {
  return field.secret ? '…' : value;
}

/** A walk over the schema and the file side by side. */
class Reading {
  readonly flaws: string[] = [];
  readonly #schema: AnySchema;
  readonly #sources: ConfigSources;
  readonly #document: YamlDocument | undefined;

  constructor(schema: AnySchema, sources: ConfigSources) {
    this.#schema = schema;
    this.#sources = sources;
    this.#document = sources.file && parseYaml(sources.file.text, sources.file.name);
  }

  read(kind: string): Tree {
    const { apiVersion, kind: said, ...settings } = this.#root();
    if (this.#document) {
      this.#expect('apiVersion', apiVersion, configApiVersion);
      this.#expect('kind', said, kind);
    }
    return this.#section([], this.#schema, settings);
  }

  #root(): Tree {
    const value = this.#document?.value ?? {};
    if (isTree(value)) return value;
    this.flaws.push(`${this.#where([])}: must be a mapping of fields`);
    return {};
  }

  #expect(name: string, value: unknown, wanted: string): void {
    if (value === wanted) return;
    const not = value === undefined ? 'it is missing' : `not ${JSON.stringify(value)}`;
    this.flaws.push(`${this.#where([name])}: "${name}" must be "${wanted}", ${not}`);
  }

  #section(path: readonly string[], schema: AnySchema, given: Tree): Tree {
    for (const name of Object.keys(given))
      if (!Object.hasOwn(schema, name)) this.#unknown([...path, name], given[name]);
    const entries = Object.entries(schema).map(([name, node]) => {
      const inner = [...path, name];
      const value = given[name] ?? undefined; // null in YAML: nothing said
      if (node.type === 'field') return [name, this.#field(inner, node, value)];
      if (value !== undefined && !isTree(value)) this.#wrong(inner, 'a mapping of fields', value);
      return [name, this.#section(inner, node.fields, isTree(value) ? value : {})];
    });
    return Object.fromEntries(entries) as Tree;
  }

  #field(path: readonly string[], field: AnyField, given: unknown): unknown {
    const flag = this.#sources.flags?.[path.join('.')];
    if (flag) return this.#text(path, field, flag);
    const name = environmentName(path);
    const text = this.#sources.environment[name];
    if (text !== undefined && text !== '') return this.#text(path, field, { name, text });
    if (given === undefined) {
      if (field.required) this.#missing(path);
      return field.fallback;
    }
    if (!field.accepts(given)) this.#wrong(path, field.expects, shown(field, given));
    return given;
  }

  #text(path: readonly string[], field: AnyField, { name, text }: Flag): unknown {
    const value = field.fromText(text);
    if (!field.accepts(value)) this.#wrong(path, field.expects, shown(field, value), name);
    return value;
  }

  #wrong(
    path: readonly string[],
    expects: string,
    value: unknown,
    where: string = this.#where(path),
  ): void {
    const field = path.join('.');
    this.flaws.push(`${where}: field "${field}" must be ${expects}, not ${JSON.stringify(value)}`);
  }

  #missing(path: readonly string[]): void {
    const { file } = this.#sources;
    const place = file ? `in ${file.name}` : 'in a file given with --config';
    this.flaws.push(
      `field "${path.join('.')}" is required: set it ${place}, or as ${environmentName(path)}`,
    );
  }

  /** Names the leaves, because a misspelt section is best shown by what was meant to be in it. */
  #unknown(path: readonly string[], value: unknown): void {
    if (isTree(value) && Object.keys(value).length > 0) {
      for (const [name, inner] of Object.entries(value)) this.#unknown([...path, name], inner);
      return;
    }
    const field = path.join('.');
    const meant = nearest(field, [...fieldPaths(this.#schema)]);
    const hint = meant === undefined ? '' : `; did you mean "${meant}"?`;
    this.flaws.push(`${this.#where(path)}: unknown field "${field}"${hint}`);
  }

  #where(path: readonly string[]): string {
    const line = this.#document?.lineOf(path);
    const name = this.#sources.file?.name ?? '';
    return line === undefined ? name : `${name}:${line}`;
  }
}

/** The path of every field, dotted. */
export function* fieldPaths(schema: AnySchema, prefix = ''): Generator<string, void> {
  for (const [name, node] of Object.entries(schema)) {
    if (node.type === 'field') yield `${prefix}${name}`;
    else yield* fieldPaths(node.fields, `${prefix}${name}.`);
  }
}
