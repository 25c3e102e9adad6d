/** One message that is to be acknowledged. */
interface Pending {
  settled: boolean;
  send: (() => void) | undefined;
}

/**
 * Acknowledgements leave in the order of their messages [MQTT-4.6.0-2], each when its message, and
 * everything before it, has been dealt with.
 */
export class AcksInOrder {
  readonly #line: Pending[] = [];

  /** A message whose acknowledgement waits for `settled`; one that is never settled holds up the rest. */
  expect(): { readonly settled: () => void; readonly acknowledge: (send: () => void) => void } {
    const pending: Pending = { settled: false, send: undefined };
    this.#line.push(pending);
    return {
      settled: () => {
        pending.settled = true;
        this.#flush();
      },
      acknowledge: (send) => {
        pending.send = send;
        this.#flush();
      },
    };
  }

  #flush(): void {
    for (let [first] = this.#line; first?.settled && first.send; [first] = this.#line) {
      this.#line.shift();
      first.send();
    }
  }
}
