import { EdgeError } from '@skerry/shared/errors';

/** Nothing was heard from the hub for three heartbeats: the path is dead, whatever TCP believes. */
export class LinkSilent extends EdgeError {
  readonly code = 'link.silent';
  readonly disposition = 'retry';
}

/** The hub sent something that the protocol does not allow here. */
export class LinkProtocolViolation extends EdgeError {
  readonly code = 'link.protocol';
  readonly disposition = 'retry';
}

/** The hub said goodbye; its own code is in the message. */
export class HubSaidGoodbye extends EdgeError {
  readonly code = 'link.goodbye';
  readonly disposition = 'retry';
}

/** The connection ended without a word. */
export class LinkBroken extends EdgeError {
  readonly code = 'link.broken';
  readonly disposition = 'retry';
}
