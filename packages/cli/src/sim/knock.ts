import { EdgeError, codeOf, messageOf } from '@skerry/shared/errors';
import type { NodeName } from '@skerry/shared/names';
import { ConnectionFailed } from '@skerry/shared/socket';
import type { DialAs } from './agent.ts';

/** There is no hub, or it and we do not trust each other. */
export class HubUnusable extends EdgeError {
  readonly code = 'sim.hub-unusable';
  readonly disposition = 'fatal';
}

/** What OpenSSL says of a server whose certificate another authority signed, by Node's codes. */
const distrust = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_SIGNATURE_FAILURE',
]);

/** Tries once whether the hub lets a node in; throws HubUnusable that says what is wrong. */
export async function knock(dialAs: DialAs, node: NodeName, signal: AbortSignal): Promise<void> {
  try {
    const socket = await dialAs(node, signal);
    socket.close(1000, '');
    await socket.closed;
  } catch (error) {
    signal.throwIfAborted();
    throw new HubUnusable(`${messageOf(error)}\n${advice(error)}`, { cause: error });
  }
}

function advice(error: unknown): string {
  if (!(error instanceof ConnectionFailed)) return 'Something else than a hub is there.';
  if (!error.answered) return 'No hub is there. Is "skerry up" running, or is it another --hub?';
  if (distrust.has(codeOf(error.cause)))
    return 'Another authority signed the certificate of that hub: give the directory of its own with --pki.';
  if (messageOf(error).includes('401'))
    return 'The hub does not trust the authority in --pki, which signed the certificate of this node.';
  return 'Something else than a hub of ours answers there.';
}
