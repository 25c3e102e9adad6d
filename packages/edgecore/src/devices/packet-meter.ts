/** Where the meter is within a packet. */
type Place =
  | { readonly at: 'type' }
  | { readonly at: 'length'; readonly value: number; readonly scale: number }
  | { readonly at: 'body'; readonly left: number };

/**
 * Follows the packets of one MQTT connection and tells when one announces itself as larger than
 * allowed, before its body is buffered. Looks at fixed headers only: one byte of type, then a remaining
 * length of one to four bytes [MQTT-2.2].
 */
export class PacketMeter {
  readonly #maxBytes: number;
  #place: Place = { at: 'type' };

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** False once a packet is too large, or its length is malformed. */
  admits(chunk: Uint8Array): boolean {
    for (let at = 0; at < chunk.length;) {
      if (this.#place.at === 'body') {
        const passed = Math.min(this.#place.left, chunk.length - at);
        at += passed;
        this.#place = bodyOf(this.#place.left - passed);
      } else {
        this.#place = header(this.#place, chunk[at] ?? 0);
        at += 1;
        if (this.#place.at === 'body' && this.#place.left > this.#maxBytes) return false;
      }
    }
    return true;
  }
}

function header(place: Exclude<Place, { at: 'body' }>, byte: number): Place {
  if (place.at === 'type') return { at: 'length', value: 0, scale: 1 };
  const value = place.value + (byte & 0x7f) * place.scale;
  if ((byte & 0x80) === 0) return bodyOf(value);
  // a fourth byte with a continuation bit is malformed: no length is as long as that
  return place.scale === 128 ** 3
    ? bodyOf(Infinity)
    : { at: 'length', value, scale: place.scale * 128 };
}

function bodyOf(left: number): Place {
  return left === 0 ? { at: 'type' } : { at: 'body', left };
}
