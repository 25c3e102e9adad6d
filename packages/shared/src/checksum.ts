import { crc32 } from 'node:zlib';

const sumBytes = 4;

/** The value followed by the CRC-32 (ISO-HDLC, as in zlib) of its key and itself, big-endian. */
export function seal(key: string, value: Uint8Array): Uint8Array {
  const sealed = new Uint8Array(value.length + sumBytes);
  sealed.set(value);
  new DataView(sealed.buffer).setUint32(value.length, crc32(value, crc32(key)));
  return sealed;
}

/** The value sealed for `key` (text, or its UTF-8), as a window onto `sealed`; undefined when it is not what was sealed. */
export function unseal(key: string | Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  const end = sealed.length - sumBytes;
  if (end < 0) return undefined;
  const value = sealed.subarray(0, end);
  const sum = new DataView(sealed.buffer, sealed.byteOffset + end, sumBytes).getUint32(0);
  return sum === crc32(value, crc32(key)) ? value : undefined;
}
