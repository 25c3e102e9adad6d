import { kubeMicroTime, kubeTime, type Clock, type Random } from '@skerry/shared/clock';
import { Recent } from '@skerry/shared/recent';
import type { JsonObject, KubeObject } from '../../json.ts';
import { StatusError } from '../../status-error.ts';
import type { ClusterClient } from './cluster-client.ts';
import { events, type KindOf } from './kinds.ts';

/** How many of a controller's latest Events are remembered, so that the same again is counted. */
const rememberedEvents = 1024;
/** As long as Kubernetes lets the message of an Event be, characters. */
const maxMessage = 1024;

/** What is left of the object's name in that of an Event, characters. */
const maxNamed = 230;

export interface RecorderParts {
  readonly client: ClusterClient;
  readonly clock: Clock;
  readonly random: Random;
}

export interface News {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** The scheduler speaks the newer form, in which an Event says what was done. */
export interface Speaker {
  /** For example `deployment-controller`. */
  readonly component: string;
  readonly action?: string;
}

/**
 * Tells people what a controller did about an object, as Events in the object's namespace. The same again
 * raises the count of the Event there is. Telling never fails a turn: an Event that cannot be stored is
 * dropped, as Kubernetes drops it.
 */
export class EventRecorder {
  readonly #client: ClusterClient;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #speaker: Speaker;
  /** What was said, to the name of the Event that says it. */
  readonly #told = new Recent<string, string>(rememberedEvents);

  constructor({ client, clock, random }: RecorderParts, speaker: Speaker) {
    this.#client = client;
    this.#clock = clock;
    this.#random = random;
    this.#speaker = speaker;
  }

  async tell<T extends KubeObject>(kind: KindOf<T>, about: T, news: News): Promise<void> {
    const { namespace = '', uid = '', name = '' } = about.metadata;
    const where = namespace === '' ? 'default' : namespace;
    const words = [kind.storage, namespace, name, uid, news.reason, news.message].join('\n');
    try {
      if (await this.#countAgain(where, words)) return;
      const event = this.#event(kind, about, news);
      const made = await this.#client.create(events, where, event);
      this.#told.set(words, made.metadata.name ?? '');
    } catch (error) {
      if (!(error instanceof StatusError)) throw error; // the namespace goes, or the words are too strange
    }
  }

  /** As Kubernetes names them: after the object, and when, in nanoseconds. */
  #nameFor(name: string, now: number): string {
    const nanos = BigInt(now) * 1_000_000n + BigInt(Math.floor(this.#random() * 1_000_000));
    return `${name.slice(0, maxNamed)}.${nanos.toString(16)}`;
  }

  async #countAgain(namespace: string, words: string): Promise<boolean> {
    const name = this.#told.get(words);
    if (name === undefined) return false;
    const now = kubeTime(this.#clock.now());
    const counted = await this.#client.update(events, { namespace, name }, (event) => ({
      ...event,
      count: (typeof event['count'] === 'number' ? event['count'] : 1) + 1,
      lastTimestamp: now,
    }));
    if (counted) this.#told.set(words, name);
    return counted !== undefined;
  }

  #event(kind: KindOf<KubeObject>, about: KubeObject, news: News): JsonObject {
    const { name = '', namespace = '', uid = '', resourceVersion = '' } = about.metadata;
    const now = this.#clock.now();
    const { component, action } = this.#speaker;
    return {
      metadata: { name: this.#nameFor(name, now) },
      involvedObject: {
        kind: kind.kind,
        ...(namespace === '' ? {} : { namespace }),
        name,
        uid,
        apiVersion: kind.apiVersion,
        resourceVersion,
      },
      type: news.type,
      reason: news.reason,
      message: news.message.slice(0, maxMessage),
      source: { component },
      firstTimestamp: kubeTime(now),
      lastTimestamp: kubeTime(now),
      count: 1,
      reportingComponent: component,
      reportingInstance: action === undefined ? '' : component,
      ...(action === undefined ? {} : { action, eventTime: kubeMicroTime(now) }),
    };
  }
}
