import { describe, expect, it } from 'vitest';
import { decodeProtobuf } from './decode.ts';
import { MalformedMessage } from './wire.ts';

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ''), 'hex');

/** `kubectl create cm lit --from-literal=a=1`, version 1.32.4. */
const configMap = hex(`
  6b 38 73 00 0a 0f 0a 02  76 31 12 09 43 6f 6e 66 69 67 4d 61 70 12 1d 0a  13 0a 03 6c 69 74 12 00
  1a 00 22 00 2a 00 32 00  38 00 42 00 12 06 0a 01 61 12 01 31 1a 00 22 00`);

/** `message` in the envelope of an object of `kind`. */
function enveloped(kind: string, message: string): Buffer {
  const typeMeta = Buffer.concat([
    hex('0a 02 76 31 12'),
    Buffer.from([kind.length]),
    Buffer.from(kind),
  ]);
  const raw = hex(message);
  return Buffer.concat([
    hex('6b 38 73 00 0a'),
    Buffer.from([typeMeta.length]),
    typeMeta,
    Buffer.from([0x12, raw.length]),
    raw,
  ]);
}

describe('protobuf body', () => {
  it('becomes the JSON that the client meant, without the fields that it left empty', () => {
    expect(decodeProtobuf(configMap)).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'lit' },
      data: { a: '1' },
    });
  });

  it('keeps zero where zero differs from nothing', () => {
    const body = enveloped('DeleteOptions', '08 00');
    expect(decodeProtobuf(body)).toMatchObject({ gracePeriodSeconds: 0 });
  });

  it('writes bytes as base64', () => {
    const body = enveloped('Secret', '12 06 0a 01 61 12 01 31');
    expect(decodeProtobuf(body)).toMatchObject({ data: { a: 'MQ==' } });
  });

  it('refuses a field that it would have to drop', () => {
    expect(() => decodeProtobuf(enveloped('ConfigMap', '98 06 01'))).toThrow(
      'field 99 of ConfigMap is only understood as JSON',
    );
  });

  it('refuses a kind that is not in its table', () => {
    expect(() => decodeProtobuf(enveloped('Node', ''))).toThrow(MalformedMessage);
  });

  it.each([
    ['nothing', ''],
    ['no envelope', '00 01 02 03 04'],
    ['a field cut off', '6b 38 73 00 0a 0f 0a'],
    ['a number without end', '6b 38 73 00 08 ff ff ff ff ff ff ff ff ff ff ff'],
    ['a wire type of no message', '6b 38 73 00 0b 00'],
  ])('refuses %s', (_what, bytes) => {
    expect(() => decodeProtobuf(hex(bytes))).toThrow(MalformedMessage);
  });
});
