import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PacketMeter } from './packet-meter.ts';

/** A packet with a body of so many bytes, its remaining length encoded as MQTT does. */
function packet(bodyBytes: number): number[] {
  const length: number[] = [];
  let left = bodyBytes;
  do {
    const byte = left % 128;
    left = Math.floor(left / 128);
    length.push(left > 0 ? byte | 0x80 : byte);
  } while (left > 0);
  return [0x30, ...length, ...Array.from({ length: bodyBytes }, () => 0xff)];
}

describe('packet meter', () => {
  it('admits packets up to the limit, however they are cut into chunks', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(300), { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
        (bodies, cuts) => {
          const meter = new PacketMeter(300);
          const bytes = Uint8Array.from(bodies.flatMap(packet));
          for (let at = 0, turn = 0; at < bytes.length; turn++) {
            const end = at + (cuts[turn % cuts.length] ?? 1);
            expect(meter.admits(bytes.subarray(at, end))).toBe(true);
            at = end;
          }
        },
      ),
    );
  });

  it('refuses a packet by its header, before the body comes', () => {
    const meter = new PacketMeter(300);
    const header = Uint8Array.from(packet(301).slice(0, 3));
    expect(meter.admits(header)).toBe(false);
  });

  it('refuses a length that goes on beyond its fourth byte', () => {
    const meter = new PacketMeter(300_000_000);
    expect(meter.admits(Uint8Array.from([0x30, 0xff, 0xff, 0xff, 0x7f]))).toBe(true);
    expect(
      new PacketMeter(300_000_000).admits(Uint8Array.from([0x30, 0xff, 0xff, 0xff, 0xff])),
    ).toBe(false);
  });
});
