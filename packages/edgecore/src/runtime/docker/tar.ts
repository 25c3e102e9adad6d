const BLOCK_BYTES = 512;

/**
 * A tar archive (POSIX ustar) of one executable file owned by root. Always the same bytes for the
 * same content, so that the image made of it has the same id everywhere.
 */
export function tarOfExecutable(name: string, content: Buffer): Buffer {
  const header = Buffer.alloc(BLOCK_BYTES);
  const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0');
  header.write(name, 0);
  header.write(`${octal(0o755, 7)}\0`, 100);
  header.write(`${octal(0, 7)}\0${octal(0, 7)}\0`, 108); // owner, group
  header.write(`${octal(content.length, 11)}\0${octal(0, 11)}\0`, 124); // size, time
  header.write('        0', 148); // checksum as spaces while it is computed, then “regular file”
  header.write('ustar\x0000', 257);
  const checksum = header.reduce((sum, byte) => sum + byte, 0);
  header.write(`${octal(checksum, 6)}\0 `, 148);
  const padding = Buffer.alloc((BLOCK_BYTES - (content.length % BLOCK_BYTES)) % BLOCK_BYTES);
  return Buffer.concat([header, content, padding, Buffer.alloc(2 * BLOCK_BYTES)]);
}
