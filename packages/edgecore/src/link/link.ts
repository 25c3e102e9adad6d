import type { Welcome } from '@skerry/proto/frames';
import type { Random } from '@skerry/shared/clock';
import { codeOf, messageOf } from '@skerry/shared/errors';
import type { Socket } from '@skerry/shared/socket';
import type { ReceiverObserver } from './receiver.ts';
import { Redial, type RedialLimits } from './redial.ts';
import { runLinkSession, type LinkSessionParts } from './link-session.ts';

export interface LinkParts extends Omit<
  LinkSessionParts,
  'socket' | 'welcomed' | 'levelled' | 'roundTrip' | 'observer'
> {
  readonly dial: (signal: AbortSignal) => Promise<Socket>;
  readonly redial: RedialLimits;
  readonly random: Random;
  readonly observer: LinkObserver;
}

/** Told what the link does; must not throw. */
export interface LinkObserver extends ReceiverObserver {
  readonly up: (welcome: Welcome) => void;
  /** Everything that the node lacked when the session began is on its disk. */
  readonly levelled: () => void;
  readonly down: (why: { readonly code: string; readonly reason: string }) => void;
  readonly roundTrip: (ms: number) => void;
}

/**
 * Keeps one session with the hub for as long as the signal lasts: dials, runs the session, and redials.
 * Being cut off is normal: nothing here ever throws.
 */
export async function runLink(parts: LinkParts, signal: AbortSignal): Promise<void> {
  const { clock, random, observer, log } = parts;
  const redial = new Redial(parts.redial, random);
  while (!signal.aborted) {
    try {
      if (parts.meta.isAhead) await parts.meta.reload();
      const socket = await parts.dial(signal);
      await runLinkSession(
        {
          ...parts,
          socket,
          roundTrip: observer.roundTrip,
          levelled: observer.levelled,
          welcomed: (welcome) => {
            redial.welcomed();
            log.info({ session: welcome.session }, 'link is up');
            observer.up(welcome);
          },
        },
        signal,
      );
    } catch (error) {
      if (stopped(signal)) return;
      const delayMs = redial.after(error);
      log.warn({ code: codeOf(error), reason: messageOf(error), retryMs: delayMs }, 'link is down');
      observer.down({ code: codeOf(error), reason: messageOf(error) });
      await clock.sleep(delayMs, signal).catch(() => undefined);
    }
  }
}

/** Read anew each time: a signal aborts while we wait. */
function stopped(signal: AbortSignal): boolean {
  return signal.aborted;
}
