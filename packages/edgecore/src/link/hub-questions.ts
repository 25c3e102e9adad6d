import type { Answer, EdgeFrame } from '@skerry/proto/frames';
import type { Clock } from '@skerry/shared/clock';
import { EdgeError } from '@skerry/shared/errors';
import { within } from '@skerry/shared/within';

/** How long the hub may take to answer, milliseconds: it asks the API server, over a slow link. */
export const hubAnswerMs = 20_000;

/** There is no hub that answers: no link, an older hub, or one that is silent. */
export class HubAway extends EdgeError {
  readonly code = 'link.hub-away';
  readonly disposition = 'retry';
}

/** As much is asked already as the hub takes. */
export class HubBusy extends EdgeError {
  readonly code = 'link.hub-busy';
  readonly disposition = 'retry';
}

/** The hub says why it does not tell. */
export class HubRefused extends EdgeError {
  readonly code = 'link.hub-refused';
  readonly disposition = 'reject';
  /** One of `answerCodes`, what the API server said (`kube.…`), or what a newer hub says. */
  readonly why: string;

  constructor(why: string, reason: string) {
    super(reason);
    this.why = why;
  }
}

/** Sends frames of the session that there is. */
type Send = (frames: readonly EdgeFrame[]) => void;

const away = 'the hub cannot be reached';

/** What the agent asks the hub. A question is not kept: it is answered now, or not at all. */
export class HubQuestions {
  readonly #clock: Clock;
  readonly #open = new Map<number, PromiseWithResolvers<Answer>>();
  #session: { readonly send: Send; readonly window: number } | undefined;
  #nextId = 1;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves to the answer's JSON. Throws HubAway, HubBusy, HubRefused, and what `signal` aborts with. */
  async ask(subject: string, body: object, signal: AbortSignal): Promise<Uint8Array> {
    if (!this.#session) throw new HubAway(away);
    const { send, window } = this.#session;
    if (window === 0) throw new HubAway('the hub is too old to be asked');
    if (this.#open.size >= window) throw new HubBusy(`${window} questions to the hub are open`);
    const id = this.#nextId++;
    const answered = Promise.withResolvers<Answer>();
    answered.promise.catch(() => undefined); // when nobody waits any more
    this.#open.set(id, answered);
    send([{ type: 'question', id, subject, body: Buffer.from(JSON.stringify(body)) }]);
    try {
      const answer = await within(hubAnswerMs, answered.promise, { clock: this.#clock, signal });
      if (answer) return bodyOf(answer);
      throw new HubAway(`the hub did not answer for ${hubAnswerMs / 1_000} s`);
    } catch (error) {
      if (!(error instanceof HubRefused)) this.#cancel(id);
      throw error;
    } finally {
      this.#open.delete(id);
    }
  }

  /** A session that is over has forgotten it by itself. */
  #cancel(id: number): void {
    this.#session?.send([{ type: 'cancel', id }]);
  }

  /** A session has begun in which so many questions may be unanswered. */
  attach(send: Send, window: number): void {
    this.#session = { send, window };
  }

  /** Answers to what nobody waits for any more are passed over. */
  answer(frame: Answer): void {
    this.#open.get(frame.id)?.resolve(frame);
  }

  /** The session is over: what is open stays without an answer. */
  detach(): void {
    this.#session = undefined;
    for (const { reject } of this.#open.values()) reject(new HubAway('the link was lost'));
  }
}

function bodyOf({ code, reason, body }: Answer): Uint8Array {
  if (code !== '') throw new HubRefused(code, reason);
  return body;
}
