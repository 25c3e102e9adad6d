import type { JsonObject, KubeObject } from '../json.ts';

/**
 * A place on the one number line of all writes, whatever their resource: what clients see as
 * `resourceVersion`. A safe integer: counted from the milliseconds since 1970, at ten thousand writes
 * a second, it lasts 28,000 years.
 */
export type Revision = number;

/** Where an object is kept. */
export interface StorageKey {
  /** `plural` for the core group, `plural.group` otherwise. */
  readonly resource: string;
  /** Empty for cluster-scoped objects. */
  readonly namespace: string;
  readonly name: string;
}

/** Label keys and values, or field paths and values: what selectors look at. */
export type Attributes = Readonly<Record<string, string>>;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The front of what `encodeHeld` makes, with the revision; anything else is read as a whole. */
const headForm = /^{"kind":"\w+","apiVersion":"[\w./-]+","metadata":{"resourceVersion":"(\d+)"/;
const headBytes = 400;

/**
 * One object as it stands at one revision, encoded once. The bytes are shared by the store, lists and
 * every watcher: nobody writes to them. They begin with `kind`, `apiVersion` and, in `metadata`, the revision.
 */
export class Held implements StorageKey {
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly revision: Revision;
  readonly bytes: Uint8Array;
  #labels: Attributes | undefined;
  #fields: Attributes | undefined;

  constructor(key: StorageKey, revision: Revision, bytes: Uint8Array, labels?: Attributes) {
    this.resource = key.resource;
    this.namespace = key.namespace;
    this.name = key.name;
    this.revision = revision;
    this.bytes = bytes;
    this.#labels = labels;
  }

  /** What `encodeHeld` made, read back. */
  static stored(key: StorageKey, bytes: Uint8Array): Held {
    const [, quick] = headForm.exec(decoder.decode(bytes.subarray(0, headBytes))) ?? [];
    const revision = quick ?? new Held(key, 0, bytes).parse().metadata.resourceVersion;
    return new Held(key, Number(revision), bytes);
  }

  /** Orders objects of one resource as a list shows them. */
  get id(): string {
    return idOf(this.namespace, this.name);
  }

  get labels(): Attributes {
    this.#labels ??= this.parse().metadata.labels ?? {};
    return this.#labels;
  }

  /** The selectable fields, worked out once; every caller passes the `select` of the resource. */
  fields(select: (object: KubeObject) => Attributes): Attributes {
    this.#fields ??= select(this.parse());
    return this.#fields;
  }

  /** Whether the text occurs anywhere in it: false says for sure, and cheaper than a tree, what is not there. */
  mentions(text: string): boolean {
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength).includes(
      text,
    );
  }

  /** A fresh tree: the caller may change it. */
  parse(): KubeObject {
    return JSON.parse(decoder.decode(this.bytes)) as KubeObject;
  }
}

/** Encodes `object` as it stands at `revision`. */
export function encodeHeld(key: StorageKey, object: KubeObject, revision: Revision): Held {
  const { kind, apiVersion, metadata, ...rest } = object;
  const { resourceVersion: _old, ...described } = metadata;
  const placed: JsonObject = {
    kind,
    apiVersion,
    metadata: { resourceVersion: String(revision), ...described },
    ...rest,
  };
  const bytes = encoder.encode(JSON.stringify(placed));
  return new Held(key, revision, bytes, metadata.labels ?? {});
}

export function idOf(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}
