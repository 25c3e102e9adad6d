/** One setting: what it means, what it may be, and what it is when nobody says. */
export interface Field<T> {
  readonly type: 'field';
  /** A sentence for the person who configures. */
  readonly doc: string;
  /** What a value must be, to follow the words “must be”. */
  readonly expects: string;
  /** Undefined: there is none. */
  readonly fallback: T | undefined;
  /** Without a value the configuration is refused. */
  readonly required: boolean;
  /** Never printed. */
  readonly secret: boolean;
  /** Whether a value parsed from YAML is one of this field. */
  accepts(value: unknown): value is T;
  /** A value from the environment or the command line, still to be accepted. */
  fromText(text: string): unknown;
}

/** Settings that belong together. */
export interface Section<T> {
  readonly type: 'section';
  readonly doc: string;
  readonly fields: Schema<T>;
}

/** The settings of `T`, one by one. */
export type Schema<T> = { readonly [K in keyof T]-?: Field<T[K]> | Section<T[K]> };

interface Wording<T> {
  readonly doc: string;
  readonly default?: T;
  /** May be absent; there is no default then. */
  readonly optional?: true;
  readonly secret?: true;
}

export function section<T>(doc: string, fields: Schema<T>): Section<T> {
  return { type: 'section', doc, fields };
}

/** What a text must look like. */
export interface Form {
  /** To follow the words “must be”. */
  readonly expects: string;
  is(value: string): boolean;
}

const anyText: Form = { expects: 'a text', is: (value) => value !== '' };

/** Text of at least one character, or of the form given. */
export function text(wording: Wording<string>, form: Form = anyText): Field<string> {
  return field(wording, form.expects, (value) => typeof value === 'string' && form.is(value));
}

/** Several texts of one form; as text, separated by commas. */
export function texts(
  wording: Wording<readonly string[]>,
  form: Form = anyText,
): Field<readonly string[]> {
  const one = text({ doc: wording.doc }, form);
  return field(
    wording,
    `a list, each of it ${one.expects}`,
    (value) => Array.isArray(value) && value.every((item) => one.accepts(item)),
    (given) => given.split(',').map((item) => item.trim()),
  );
}

/** One of a few words. */
export function choice<T extends string>(of: readonly T[], wording: Wording<T>): Field<T> {
  return field(wording, `one of ${of.join(', ')}`, (value) =>
    (of as readonly unknown[]).includes(value),
  );
}

export interface Bounds {
  readonly min: number;
  readonly max: number;
  /** What is counted, for example `bytes`. */
  readonly unit?: string;
}

export function integer({ min, max, unit }: Bounds, wording: Wording<number>): Field<number> {
  const counted = unit === undefined ? '' : ` (${unit})`;
  return field(
    wording,
    `an integer from ${min} to ${max}${counted}`,
    (value) => Number.isInteger(value) && (value as number) >= min && (value as number) <= max,
    (given) => (/^-?\d+$/.test(given) ? Number(given) : given),
  );
}

/** A share of a whole. */
export function ratio(wording: Wording<number>): Field<number> {
  return field(
    wording,
    'a number from 0 to 1',
    (value) => typeof value === 'number' && value >= 0 && value <= 1,
    (given) => (/^\d*\.?\d+$/.test(given) ? Number(given) : given),
  );
}

/** A TCP port; 0 lets the system choose a free one. */
export function port(wording: Wording<number>): Field<number> {
  return integer({ min: 0, max: 65_535 }, wording);
}

/** A URL with one of `schemes`, for example `wss`. */
export function url(schemes: readonly string[], wording: Wording<string>): Field<string> {
  return field(
    wording,
    `a URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
    (value) =>
      typeof value === 'string' &&
      URL.canParse(value) &&
      schemes.includes(new URL(value).protocol.slice(0, -1)),
  );
}

/** Several such URLs; as text, separated by commas. */
export function urls(
  schemes: readonly string[],
  wording: Wording<readonly string[]>,
): Field<readonly string[]> {
  const one = url(schemes, { doc: wording.doc });
  return texts(wording, { expects: one.expects, is: (value) => one.accepts(value) });
}

function field<T>(
  { doc, default: fallback, optional, secret }: Wording<T>,
  expects: string,
  accepts: (value: unknown) => boolean,
  fromText: (text: string) => unknown = (given) => given,
): Field<T> {
  return {
    type: 'field',
    doc,
    expects,
    fallback,
    required: fallback === undefined && optional !== true,
    secret: secret === true,
    accepts: (value): value is T => accepts(value),
    fromText,
  };
}
