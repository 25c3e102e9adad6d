import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Socket } from '../socket.ts';

export interface ConnectedPair {
  readonly near: Socket;
  readonly far: Socket;
  /** Ends whatever carried the connection. */
  readonly dispose: () => Promise<void>;
}

async function collect(socket: Socket): Promise<number[]> {
  const seen: number[] = [];
  for await (const message of socket.messages()) seen.push(message[0] ?? -1);
  return seen;
}

/** What every Socket promises, whatever carries it. */
export function describeSocket(name: string, connect: () => Promise<ConnectedPair>): void {
  describe(`${name} socket`, () => {
    let pair: ConnectedPair;
    beforeEach(async () => {
      pair = await connect();
    });
    afterEach(() => pair.dispose());

    it('delivers every message in order before a close', async () => {
      const seen = collect(pair.far);
      const sent = Array.from({ length: 200 }, (_, i) => i);
      for (const value of sent) pair.near.send(Uint8Array.of(value));
      pair.near.close(1000, 'done');
      expect(await seen).toEqual(sent);
      expect((await pair.far.closed).code).toBe(1000);
    });

    it('carries both ways at once', async () => {
      const [there, back] = [collect(pair.far), collect(pair.near)];
      for (let i = 0; i < 50; i++) {
        pair.near.send(Uint8Array.of(i));
        pair.far.send(Uint8Array.of(100 + i));
      }
      pair.near.close(1000, '');
      expect(await there).toHaveLength(50);
      pair.far.close(1000, '');
      await back;
    });

    it('ends both sides when one is cut', async () => {
      const [there, back] = [collect(pair.far), collect(pair.near)];
      pair.near.cut();
      await Promise.all([there, back]);
      expect((await pair.far.closed).code).toBe(1006);
    });

    it('ignores what is sent after the end', async () => {
      pair.near.cut();
      await pair.near.closed;
      pair.near.send(Uint8Array.of(1));
      pair.near.close(1000, 'again');
    });
  });
}
