import { createSocket } from 'node:dgram';
import { CannotSample, type OpenSource } from './source.ts';

const packetBytes = 48;
/** No leap warning, version 4, client. */
const clientHeader = 0x23;
/** Seconds from 1900, where time servers begin to count, to 1970. */
const epochSeconds = 2_208_988_800;
const transmitAt = 40;

/**
 * Milliseconds between the machine's clock and that of a time server, either way, by one question.
 *
 * Source: RFC 4330, “Simple Network Time Protocol (SNTP) Version 4”, section 5.
 */
export const clockOffset: OpenSource = (settings, { clock }) => {
  const [, host = '', port = '123'] = /^(.*?)(?::(\d+))?$/.exec(settings.text('server')) ?? [];
  return {
    sample: async (signal) => {
      const sent = clock.now();
      const answer = await ask(host, Number(port), signal);
      const received = clock.now();
      return Math.abs(offsetOf(answer, sent, received));
    },
  };
};

/** Positive when the server is ahead. `sent` and `received` are ours, milliseconds since 1970. */
export function offsetOf(answer: Buffer, sent: number, received: number): number {
  const stratum = answer[1] ?? 0;
  if (answer.length < packetBytes || stratum === 0)
    throw new CannotSample('the time server does not know the time, or asks for quiet');
  const [arrived, left] = [timeAt(answer, 32), timeAt(answer, transmitAt)];
  return (arrived - sent + (left - received)) / 2;
}

function timeAt(packet: Buffer, offset: number): number {
  const seconds = packet.readUInt32BE(offset) - epochSeconds;
  return seconds * 1_000 + (packet.readUInt32BE(offset + 4) * 1_000) / 2 ** 32;
}

async function ask(host: string, port: number, signal: AbortSignal): Promise<Buffer> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  const packet = Buffer.alloc(packetBytes);
  packet[0] = clientHeader;
  try {
    return await new Promise<Buffer>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      socket.on('error', reject);
      socket.once('message', resolve);
      socket.once('connect', () => socket.send(packet)); // given to connect() it would also hear of failure
      socket.connect(port, host);
    });
  } finally {
    socket.close();
  }
}
