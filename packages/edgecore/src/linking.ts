import { readFile } from 'node:fs/promises';
import type { DaemonParts } from '@skerry/shared/daemon';
import type { NodeName } from '@skerry/shared/names';
import { dial, type Socket } from '@skerry/shared/socket';
import type { Task } from '@skerry/shared/supervise';
import type { Tracing } from '@skerry/shared/tracing/tracing';
import { skerryVersion } from '@skerry/shared/version';
import type { EdgeCoreConfig } from './config.ts';
import type { Dirty } from './dirty-keys.ts';
import type { Contact } from './link/contact.ts';
import { dialInTurn } from './link/dial-in-turn.ts';
import { readIdentity } from './link/identity.ts';
import type { HubQuestions } from './link/hub-questions.ts';
import type { LinkState } from './link/link-state.ts';
import { runLink, type LinkObserver } from './link/link.ts';
import type { Wake } from './link/receiver.ts';
import type { Questions } from './link/questions.ts';
import type { ReportOutbox } from './link/report-outbox.ts';
import type { TokenRequests } from './link/token-requests.ts';
import type { LocalSide } from './local-side.ts';
import type { MetaStore } from './meta/meta-store.ts';
import type { TurnSpans } from './turn-spans.ts';

/** Where an edge opens its WebSocket at the hub. */
const hubPath = '/v1/edge';

/** What the link needs of the rest of the agent. */
export interface LinkingParts {
  readonly node: NodeName;
  readonly meta: MetaStore;
  readonly reports: ReportOutbox;
  readonly tokens: TokenRequests;
  readonly questions: Questions;
  readonly hubQuestions: HubQuestions;
  readonly state: LinkState;
  readonly contact: Contact;
  readonly dirty: Dirty;
  readonly side: LocalSide;
  readonly tracing: Tracing | undefined;
  readonly turns: TurnSpans | undefined;
}

/** The session with the hub, for as long as the agent lives. */
export function linkTask(parts: DaemonParts<EdgeCoreConfig>, own: LinkingParts): Task {
  const { config, clock, random, metrics } = parts;
  metrics.gaugeOf('objects', 'Objects placed on this node that it holds.', () => own.meta.size);
  const { url, alternates, dialTimeoutSeconds, redial } = config.hub;
  const dialHub = dialInTurn([url, ...alternates], async (hub, signal): Promise<Socket> => {
    const identity = await readIdentity(config.tls); // read anew: certificates are renewed
    const timeoutMs = dialTimeoutSeconds * 1_000;
    return dial(new URL(hubPath, hub).href, { ...identity, timeoutMs }, signal);
  });
  const { node, meta, reports, tokens, questions, hubQuestions, tracing, dirty } = own;
  const observer = both(own.state, own.contact);
  const holds = {
    meta,
    reports,
    tokens,
    questions,
    hubQuestions,
    tracing,
    wake: wakeOf(own),
    unapplied: () => dirty.size,
  };
  return async (signal) => {
    const identity = { node, agentVersion: skerryVersion, bootId: await bootId() };
    const link = { ...holds, dial: dialHub, identity, redial, clock, random, observer };
    await runLink({ ...link, log: parts.log.child({ room: 'link' }) }, signal);
  };
}

function wakeOf({ side, turns }: LinkingParts): Wake {
  return (key, trace) => {
    if (trace !== undefined) turns?.woken(key, trace);
    side.wake(key);
  };
}

/** What the link says, to both who want to know it. */
function both(state: LinkState, contact: Contact): LinkObserver {
  return {
    up: (welcome) => {
      state.up(welcome);
      contact.up();
    },
    levelled: state.levelled,
    down: (why) => {
      state.down(why);
      contact.down();
    },
    roundTrip: state.roundTrip,
    received: state.received,
    persisted: state.persisted,
  };
}

/** Changes with every boot of the machine. */
async function bootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
}
