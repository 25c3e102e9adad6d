import { EventEmitter, once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { InvariantViolation, Misconfiguration, UsageError } from './errors.ts';
import type { Log } from './log.ts';
import { runDaemon, type Host } from './process.ts';
import { aborted } from './supervise.ts';
import { ManualClock } from './testing/manual-clock.ts';

class FakeHost extends EventEmitter implements Host {
  readonly exits: number[] = [];
  readonly connected: boolean;

  constructor(connected = false) {
    super();
    this.connected = connected;
  }

  exit(code: number): void {
    this.exits.push(code);
  }
}

class Recorder implements Log {
  readonly lines: string[] = [];
  readonly #write = (fields: object, message: string): void => {
    this.lines.push(`${message} ${JSON.stringify(fields)}`);
  };
  readonly debug = this.#write;
  readonly info = this.#write;
  readonly warn = this.#write;
  readonly error = this.#write;
  child(): Log {
    return this;
  }
}

describe('a daemon', () => {
  it.each([
    ['ends in peace', 0, () => Promise.resolve()],
    ['was called wrongly', 2, () => Promise.reject(new UsageError('what?'))],
    ['cannot be mended by a restart', 78, () => Promise.reject(new Misconfiguration('no key'))],
    ['broke', 1, () => Promise.reject(new InvariantViolation('never'))],
  ])('tells by its exit code that it %s', async (_what, code, body) => {
    const host = new FakeHost();
    await runDaemon({ log: new Recorder(), host }, body);
    expect(host.exits).toEqual([code]);
  });

  it.each(['SIGTERM', 'SIGINT', 'disconnect'])('ends on %s with 0', async (event) => {
    const host = new FakeHost(true);
    const running = runDaemon({ log: new Recorder(), host }, aborted);
    host.emit(event);
    await running;
    expect(host.exits).toEqual([0]);
  });

  it('does not mind a parent that never gave it a channel', () => {
    const host = new FakeHost(false);
    void runDaemon({ log: new Recorder(), host }, aborted);
    expect(host.listenerCount('disconnect')).toBe(0);
  });

  it('ends at once on a second signal, but not on the echo of the first', async () => {
    const host = new FakeHost();
    const clock = new ManualClock();
    void runDaemon({ log: new Recorder(), host, clock }, () => new Promise(() => undefined));
    host.emit('SIGINT');
    host.emit('SIGINT');
    expect(host.exits).toEqual([]);
    await clock.advance(1_000);
    host.emit('SIGINT');
    expect(host.exits).toEqual([1]);
  });

  it('logs what nobody caught, and ends', () => {
    const host = new FakeHost();
    const log = new Recorder();
    void runDaemon({ log, host }, aborted);
    host.emit('uncaughtException', new Error('out of the blue'));
    expect(host.exits).toEqual([1]);
    expect(log.lines.join('\n')).toContain('out of the blue');
  });

  it('says who holds a port that it could not listen at', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as AddressInfo;
    const host = new FakeHost();
    const log = new Recorder();
    await runDaemon({ log, host }, async () => {
      await once(createServer().listen(port, '127.0.0.1'), 'listening');
    });
    holder.close();
    expect(host.exits).toEqual([1]);
    expect(log.lines.join('\n')).toContain(`already in use by process ${process.pid}`);
  });
});
