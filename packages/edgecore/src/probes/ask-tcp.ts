import { connect } from 'node:net';
import { authority } from '@skerry/shared/authority';
import { whenAborted } from '@skerry/shared/supervise';
import { failure, success, type Answer, type TcpCheck } from './check.ts';
import { connectFailure } from './connect-failure.ts';

/** Asks whether a port takes a connection, which is closed at once. */
export async function askTcp(
  { host, port }: TcpCheck,
  patience: AbortSignal,
  signal: AbortSignal,
): Promise<Answer> {
  const socket = connect({ host, port });
  using _ = whenAborted(AbortSignal.any([patience, signal]), () => socket.destroy());
  const answer = await new Promise<Answer>((resolve) => {
    socket.once('connect', () => resolve(success));
    socket.once('error', (error) => resolve(failure(connectFailure(error))));
    socket.once('close', () => resolve(failure(`dial tcp ${authority(host, port)}: i/o timeout`)));
  });
  socket.destroy();
  signal.throwIfAborted();
  return answer;
}
