/** One field as it lies on the wire. */
export type WireField =
  | { readonly number: number; readonly type: 'varint'; readonly value: bigint }
  | { readonly number: number; readonly type: 'bytes'; readonly value: Buffer };

/** The bytes are no message, or of a kind that Kubernetes does not write. */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage';
}

/**
 * The fields of one message, in the order in which they were written.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 */
export function* readFields(bytes: Buffer): Generator<WireField, void> {
  let at = 0;
  while (at < bytes.length) {
    const tag = readVarint(bytes, at);
    at = tag.end;
    const number = Number(tag.value >> 3n);
    const wireType = Number(tag.value & 7n);
    const next = readVarint(bytes, at);
    if (wireType === 0) {
      yield { number, type: 'varint', value: next.value };
      at = next.end;
    } else if (wireType === 2) {
      at = next.end + Number(next.value);
      if (at > bytes.length) throw new MalformedMessage('a field runs past its message');
      yield { number, type: 'bytes', value: bytes.subarray(next.end, at) };
    } else throw new MalformedMessage(`wire type ${wireType}`);
  }
}

const maxVarintBytes = 10;

function readVarint(bytes: Buffer, start: number): { value: bigint; end: number } {
  let value = 0n;
  for (let index = 0; index < maxVarintBytes; index++) {
    const byte = bytes[start + index];
    if (byte === undefined) throw new MalformedMessage('a number is cut off');
    value |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte < 0x80) return { value, end: start + index + 1 };
  }
  throw new MalformedMessage('a number is too long');
}
