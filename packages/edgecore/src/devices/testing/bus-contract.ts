import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PayloadTooLarge, maxPayloadBytes, type Bus, type BusMessage } from '../bus.ts';

export interface OpenedBus extends AsyncDisposable {
  readonly bus: Bus;
}

/** What every bus promises, whatever carries its messages. */
export function describeBus(name: string, open: () => Promise<OpenedBus>): void {
  describe(`bus over ${name}`, () => {
    let opened: OpenedBus;
    let bus: Bus;

    beforeEach(async () => {
      opened = await open();
      ({ bus } = opened);
    });

    afterEach(() => opened[Symbol.asyncDispose]());

    /** Subscribes, and waits until messages do arrive. */
    const hear = async (filter: string, probe: string): Promise<Heard> => {
      const heard = new Heard();
      heard.subscription = bus.subscribe(filter, (message) => heard.take(message));
      await heard.until(
        ({ topic }) => topic === probe,
        () => bus.publish(probe, 'probe'),
      );
      heard.messages.length = 0;
      return heard;
    };

    it('hands on messages in their order', async () => {
      const heard = await hear('order', 'order');
      const sent = Array.from({ length: 200 }, (_, at) => String(at));
      await Promise.all(sent.map((text) => bus.publish('order', text)));
      await heard.until((message) => textOf(message) === '199');
      expect(heard.messages.map(textOf).filter((text) => text !== 'probe')).toEqual(sent);
    });

    it('hands on what the filter selects, wildcards and dollar topics included', async () => {
      const heard = await hear('$hw/+/update', '$hw/probe/update');
      await bus.publish('$hw/a/get', 'no');
      await bus.publish('$hw/a/b/update', 'no');
      await bus.publish('$hw/a/update', 'yes');
      const message = await heard.until((one) => textOf(one) === 'yes');
      expect(message).toMatchObject({ topic: '$hw/a/update', retained: false });
      expect(heard.messages.map(textOf)).not.toContain('no');
    });

    it('hands a message to every subscriber', async () => {
      const first = await hear('many/#', 'many/probe');
      const second = await hear('many/+', 'many/probe');
      await bus.publish('many/a', 'x');
      await first.until((message) => textOf(message) === 'x');
      await second.until((message) => textOf(message) === 'x');
    });

    it('tells a message that was kept from one that is new', async () => {
      await bus.publish('kept', 'old', { retain: true });
      const heard = new Heard();
      bus.subscribe('kept', (message) => heard.take(message));
      expect(await heard.until(() => true)).toMatchObject({ topic: 'kept', retained: true });
      await bus.publish('kept', '', { retain: true });
    });

    it('hands on nothing once a subscription is disposed of', async () => {
      const gone = await hear('gone', 'gone');
      const stays = await hear('gone', 'gone');
      gone.subscription?.[Symbol.dispose]();
      gone.messages.length = 0;
      await bus.publish('gone', 'after');
      await stays.until((message) => textOf(message) === 'after');
      expect(gone.messages.map(textOf)).not.toContain('after');
    });

    it('goes on after a handler that failed', async () => {
      bus.subscribe('fails', () => Promise.reject(new Error('on purpose')));
      const heard = await hear('fails', 'fails');
      await bus.publish('fails', 'after');
      await heard.until((message) => textOf(message) === 'after');
    });

    it('carries bytes as they are', async () => {
      const heard = await hear('bytes', 'bytes');
      const payload = Uint8Array.from({ length: 256 }, (_, at) => at);
      await bus.publish('bytes', payload);
      const message = await heard.until(({ payload: { length } }) => length === 256);
      expect(new Uint8Array(message.payload)).toEqual(payload);
    });

    it('carries the largest payload, and refuses a larger one', async () => {
      const heard = await hear('large', 'large');
      await bus.publish('large', new Uint8Array(maxPayloadBytes));
      await heard.until(({ payload: { length } }) => length === maxPayloadBytes);
      const tooLarge = bus.publish('large', new Uint8Array(maxPayloadBytes + 1));
      await expect(tooLarge).rejects.toBeInstanceOf(PayloadTooLarge);
    });
  });
}

function textOf({ payload }: BusMessage): string {
  return Buffer.from(payload).toString('utf8');
}

class Heard {
  readonly messages: BusMessage[] = [];
  subscription: Disposable | undefined;
  #wake: (() => void) | undefined;

  take(message: BusMessage): Promise<void> {
    this.messages.push(message);
    this.#wake?.();
    return Promise.resolve();
  }

  /** The first message that is wanted; asks again and again while none comes, if told how. */
  async until(
    wanted: (message: BusMessage) => boolean,
    again?: () => Promise<void>,
  ): Promise<BusMessage> {
    for (;;) {
      const found = this.messages.find(wanted);
      if (found) return found;
      const arrival = new Promise<void>((resolve) => (this.#wake = resolve));
      await again?.();
      await (again ? Promise.race([arrival, shortly()]) : arrival);
    }
  }
}

function shortly(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 10));
}
