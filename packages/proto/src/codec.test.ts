import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedFrame, decode, encode } from './codec.ts';
import type { Frame } from './frames.ts';
import { anyFields, frames as framesOf } from './testing/arbitrary-frames.ts';

const frame = framesOf(anyFields);

/** `decode` must return frames or throw MalformedFrame, whatever it is given. */
function decodesOrRefuses(message: Uint8Array): void {
  try {
    decode(message);
  } catch (error) {
    expect(error).toBeInstanceOf(MalformedFrame);
  }
}

describe('codec', () => {
  it('gives back every frame that it was given', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 6 }), (frames) => {
        const { frames: back, unknown } = decode(encode(frames));
        expect(unknown).toBe(0);
        expect(back.map(plain)).toEqual(frames.map(plain));
      }),
    );
  });

  it('tells a tombstone from an empty object', () => {
    const deliver = {
      type: 'deliver',
      seq: 1,
      resource: 'pods',
      namespace: 'a',
      name: 'b',
      uid: 'u',
      version: '1',
      withdrawn: false,
    } as const;
    const [gone, empty] = decode(
      encode([deliver, { ...deliver, object: new Uint8Array() }]),
    ).frames;
    expect(gone).toMatchObject({ object: undefined });
    expect(empty?.type === 'deliver' && empty.object?.length).toBe(0);
  });

  it('skips fields and frame types of a newer peer', () => {
    const newer = Uint8Array.of(
      ...[0x0a, 0x04, 0xfa, 0x06, 0x01, 0x00], // a frame of kind 111
      ...[0x0a, 0x07, 0x32, 0x05, 0x08, 0x07, 0xa0, 0x06, 0x01], // ack of 7 with a field 100
      ...[0x50, 0x01], // a field 10 of the batch itself
    );
    expect(decode(newer)).toEqual({ frames: [{ type: 'ack', seq: 7 }], unknown: 1 });
  });

  it('refuses numbers that JavaScript cannot count with', () => {
    const huge = Uint8Array.of(0x0a, 0x0d, 0x32, 0x0b, 0x08, ...Array<number>(9).fill(0xff), 0x01);
    expect(() => decode(huge)).toThrow(MalformedFrame);
  });

  it('refuses a report class that it does not know', () => {
    const ninth = Uint8Array.of(0x0a, 0x06, 0x42, 0x04, 0x08, 0x01, 0x10, 0x09);
    expect(() => decode(ninth)).toThrow(MalformedFrame);
  });

  it('survives random bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 2_000 }), decodesOrRefuses), {
      numRuns: 2_000,
    });
  });

  it('survives mutated and truncated frames', () => {
    const mutation = fc.record({ at: fc.nat(), to: fc.nat(255) });
    fc.assert(
      fc.property(
        fc.array(frame, { minLength: 1, maxLength: 4 }),
        fc.array(mutation, { maxLength: 8 }),
        fc.nat(),
        (frames, mutations, cut) => {
          const message = Uint8Array.from(encode(frames));
          for (const { at, to } of mutations) message[at % message.length] = to;
          decodesOrRefuses(message.subarray(0, cut % (message.length + 1)));
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

/** Buffers and typed arrays compared as plain bytes. */
function plain(value: Frame): unknown {
  return JSON.parse(
    JSON.stringify(value, (_key, field: unknown) =>
      field instanceof Uint8Array || isBuffer(field) ? bytesOf(field) : field,
    ),
  );
}

interface BufferJson {
  readonly type: 'Buffer';
  readonly data: readonly number[];
}

function isBuffer(field: unknown): field is BufferJson {
  return typeof field === 'object' && field !== null && 'type' in field && field.type === 'Buffer';
}

function bytesOf(field: Uint8Array | BufferJson): string {
  return Buffer.from(field instanceof Uint8Array ? field : field.data).toString('hex');
}
