import { EdgeError } from '@skerry/shared/errors';

/** Bytes that are not the JSON they should be. */
export class MalformedJson extends EdgeError {
  readonly code = 'kube.malformed-json';
  readonly disposition = 'reject';
}

/** Where a member of a JSON object lies in its text: `from` is its key's quote, `end` is exclusive. */
export interface Member {
  readonly key: string;
  readonly from: number;
  readonly start: number;
  readonly end: number;
}

/** Where a value lies in its text; `end` is exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

/**
 * The members of the JSON object (RFC 8259 §4) that begins at `at`, in their order. Values are stepped
 * over, not parsed: a number keeps every digit and an object costs no tree.
 *
 * Throws MalformedJson when the structure is broken; the inside of numbers and literals is not judged.
 */
export function* members(json: Buffer, at: number): Generator<Member, void> {
  let cursor = skipSpace(json, expectByte(json, at, openBrace));
  if (json[cursor] === closeBrace) return;
  for (;;) {
    const from = cursor;
    const keyEnd = stringEnd(json, from);
    const start = skipSpace(json, expectByte(json, skipSpace(json, keyEnd), colon));
    const end = valueEnd(json, start);
    yield { key: textOf(json, from, keyEnd), from, start, end };
    cursor = skipSpace(json, end);
    if (json[cursor] === closeBrace) return;
    cursor = skipSpace(json, expectByte(json, cursor, comma));
  }
}

/** The elements of the JSON array that begins at `at`. Throws MalformedJson. */
export function* elements(json: Buffer, at: number): Generator<Span, void> {
  let cursor = skipSpace(json, expectByte(json, at, openBracket));
  if (json[cursor] === closeBracket) return;
  for (;;) {
    const end = valueEnd(json, cursor);
    yield { start: cursor, end };
    cursor = skipSpace(json, end);
    if (json[cursor] === closeBracket) return;
    cursor = skipSpace(json, expectByte(json, cursor, comma));
  }
}

/** The member of that name, or undefined. Throws MalformedJson. */
export function member(json: Buffer, at: number, key: string): Member | undefined {
  for (const found of members(json, at)) if (found.key === key) return found;
  return undefined;
}

/** Index behind the value that begins at `at`. */
export function valueEnd(json: Buffer, at: number): number {
  const first = json[at];
  if (first === quote) return stringEnd(json, at);
  if (first === openBrace || first === openBracket) return nestedEnd(json, at);
  let end = at;
  while (end < json.length && !endsScalar(json[end])) end++;
  if (end === at) throw new MalformedJson(`expected a value at byte ${at}`);
  return end;
}

/** The first byte that is not white space, at or after `at`. */
export function skipSpace(json: Buffer, at: number): number {
  let cursor = at;
  while (isSpace(json[cursor])) cursor++;
  return cursor;
}

function nestedEnd(json: Buffer, at: number): number {
  let depth = 0;
  let cursor = at;
  while (cursor < json.length) {
    const byte = json[cursor];
    if (byte === quote) {
      cursor = stringEnd(json, cursor);
      continue;
    }
    cursor++;
    if (byte === openBrace || byte === openBracket) depth++;
    else if ((byte === closeBrace || byte === closeBracket) && --depth === 0) return cursor;
  }
  throw new MalformedJson(`the value at byte ${at} does not end`);
}

function stringEnd(json: Buffer, at: number): number {
  expectByte(json, at, quote);
  for (let from = at + 1; ;) {
    const close = json.indexOf(quote, from);
    if (close < 0) throw new MalformedJson(`the string at byte ${at} does not end`);
    let escapes = close;
    while (json[escapes - 1] === backslash) escapes--;
    if ((close - escapes) % 2 === 0) return close + 1;
    from = close + 1;
  }
}

function textOf(json: Buffer, from: number, end: number): string {
  const plain = json.toString('utf8', from + 1, end - 1);
  return plain.includes('\\') ? (JSON.parse(`"${plain}"`) as string) : plain;
}

function expectByte(json: Buffer, at: number, byte: number): number {
  if (json[at] !== byte)
    throw new MalformedJson(`expected ${String.fromCharCode(byte)} at byte ${at}`);
  return at + 1;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function endsScalar(byte: number | undefined): boolean {
  return byte === comma || byte === closeBrace || byte === closeBracket || isSpace(byte);
}
