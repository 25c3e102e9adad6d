import { isObject, type Json, type JsonObject } from '@skerry/apiserver/json';
import { EdgeError } from '@skerry/shared/errors';
import { nearest } from '@skerry/shared/nearest';

/** A StatusJudgement that cannot be judged by; the message says which field, and what it should be. */
export class MalformedJudgement extends EdgeError {
  readonly code = 'judgement.malformed';
  readonly disposition = 'reject';
}

export interface Bounds {
  readonly min?: number;
  readonly max?: number;
  readonly whole?: boolean;
}

/**
 * The fields of one object within a judgement, read one by one. What is not there is the fallback;
 * without one, and for what is not as it should be, reading throws MalformedJudgement.
 */
export class Fields {
  readonly #object: JsonObject;
  /** Where the object stands, for people. */
  readonly path: string;
  readonly #asked = new Set<string>();
  readonly #inner: Fields[] = [];

  constructor(object: Json | undefined, path: string) {
    if (!isObject(object)) throw new MalformedJudgement(`${path} is not an object`);
    this.#object = object;
    this.path = path;
  }

  has(name: string): boolean {
    return this.#given(name) !== undefined;
  }

  text(name: string, fallback?: string): string {
    const value = this.#given(name) ?? fallback;
    if (typeof value !== 'string' || value === '') throw this.#wrong(name, 'a text');
    return value;
  }

  optionalText(name: string): string | undefined {
    return this.has(name) ? this.text(name) : undefined;
  }

  number(name: string, bounds: Bounds = {}, fallback?: number): number {
    const { min = -Infinity, max = Infinity, whole = false } = bounds;
    const value = this.#given(name) ?? fallback;
    const isFit = (one: number): boolean =>
      one >= min && one <= max && (!whole || Number.isInteger(one));
    if (typeof value === 'number' && isFit(value)) return value;
    throw this.#wrong(name, `a ${whole ? 'whole ' : ''}number from ${min} to ${max}`);
  }

  optionalNumber(name: string): number | undefined {
    return this.has(name) ? this.number(name) : undefined;
  }

  flag(name: string): boolean {
    const value = this.#given(name) ?? false;
    if (typeof value !== 'boolean') throw this.#wrong(name, 'true or false');
    return value;
  }

  choice<T extends string>(name: string, options: readonly T[], fallback?: T): T {
    const value = this.#given(name) ?? fallback;
    const chosen = options.find((option) => option === value);
    if (chosen === undefined) throw this.#wrong(name, `one of ${options.join(', ')}`);
    return chosen;
  }

  inner(name: string): Fields {
    const inner = this.apart(name);
    this.#inner.push(inner);
    return inner;
  }

  /** An object that is read, and looked through for unknown fields, on its own. */
  apart(name: string): Fields {
    return new Fields(this.#given(name), `${this.path}.${name}`);
  }

  /** Throws MalformedJudgement when there is a field here or further in that nobody has asked for. */
  refuseUnknown(): void {
    const unknown = Object.keys(this.#object).find((name) => !this.#asked.has(name));
    if (unknown !== undefined) {
      const meant = nearest(unknown, [...this.#asked]);
      const hint = meant === undefined ? '' : `; did you mean ${this.path}.${meant}?`;
      throw new MalformedJudgement(`unknown field ${this.path}.${unknown}${hint}`);
    }
    for (const inner of this.#inner) inner.refuseUnknown();
  }

  /** The objects of a list; none when it is not there. */
  list(name: string): Fields[] {
    const value = this.#given(name) ?? [];
    if (!Array.isArray(value)) throw this.#wrong(name, 'a list');
    const listed = value.map((one, index) => new Fields(one, `${this.path}.${name}[${index}]`));
    this.#inner.push(...listed);
    return listed;
  }

  texts(name: string): string[] {
    const value = this.#given(name) ?? [];
    if (!Array.isArray(value) || !value.every((one) => typeof one === 'string'))
      throw this.#wrong(name, 'a list of texts');
    return value;
  }

  /** Texts by name. */
  labels(name: string): Readonly<Record<string, string>> {
    const value = this.#given(name) ?? {};
    if (!isObject(value) || !Object.values(value).every((one) => typeof one === 'string'))
      throw this.#wrong(name, 'texts by name');
    return value as Record<string, string>;
  }

  /** Of `options`, the one field that there is. */
  only<T extends string>(options: readonly T[]): T {
    const given = options.filter((option) => this.has(option));
    const [first] = given;
    if (first === undefined || given.length > 1)
      throw new MalformedJudgement(`${this.path} needs exactly one of ${options.join(', ')}`);
    return first;
  }

  #given(name: string): Json | undefined {
    this.#asked.add(name);
    return Object.hasOwn(this.#object, name) ? (this.#object[name] ?? undefined) : undefined;
  }

  #wrong(name: string, expected: string): MalformedJudgement {
    const is = this.has(name) ? 'is not' : 'is missing; it is';
    return new MalformedJudgement(`${this.path}.${name} ${is} ${expected}`);
  }
}
