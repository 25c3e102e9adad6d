import type { Random } from '@skerry/shared/clock';

const suffixLetters = 'bcdfghjklmnpqrstvwxz2456789';
const suffixLength = 5;
const maxGeneratedLength = 63;

/** A random (version 4) UUID, RFC 9562 section 5.4. */
export function newUid(random: Random): string {
  const bytes = Buffer.from(Array.from({ length: 16 }, () => Math.floor(random() * 256)));
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}

/** `base` and five letters that spell no word, as Kubernetes makes a name from `generateName`. */
export function generatedName(base: string, random: Random): string {
  const letters = Array.from(
    { length: suffixLength },
    () => suffixLetters[Math.floor(random() * suffixLetters.length)],
  );
  return base.slice(0, maxGeneratedLength - suffixLength) + letters.join('');
}
