import type { Answer, EdgeFrame } from '@skerry/proto/frames';
import type { Clock } from '@skerry/shared/clock';
import { EdgeError } from '@skerry/shared/errors';
import { OpenQuestions } from '@skerry/shared/open-questions';

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
  readonly #open = new OpenQuestions<Answer>();
  #session: { readonly send: Send; readonly window: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves to the answer's JSON. Throws HubAway, HubBusy, HubRefused, and what `signal` aborts with. */
  async ask(subject: string, body: object, signal: AbortSignal): Promise<Uint8Array> {
    if (!this.#session) throw new HubAway(away);
    const { send, window } = this.#session;
    if (window === 0) throw new HubAway('the hub is too old to be asked');
    if (this.#open.size >= window) throw new HubBusy(`${window} questions to the hub are open`);
    const json = Buffer.from(JSON.stringify(body));
    const answer = await this.#open.ask({
      send: (id) => send([{ type: 'question', id, subject, body: json }]),
      patienceMs: hubAnswerMs,
      ...{ clock: this.#clock, signal },
      // a session that is over has forgotten it by itself
      unanswered: (id) => this.#session?.send([{ type: 'cancel', id }]),
    });
    if (answer) return bodyOf(answer);
    throw new HubAway(`the hub did not answer for ${hubAnswerMs / 1_000} s`);
  }

  /** A session has begun in which so many questions may be unanswered. */
  attach(send: Send, window: number): void {
    this.#session = { send, window };
  }

  /** Answers to what nobody waits for any more are passed over. */
  answer(frame: Answer): void {
    this.#open.answer(frame.id, frame);
  }

  /** The session is over: what is open stays without an answer. */
  detach(): void {
    this.#session = undefined;
    this.#open.endAll(() => new HubAway('the link was lost'));
  }
}

function bodyOf({ code, reason, body }: Answer): Uint8Array {
  if (code !== '') throw new HubRefused(code, reason);
  return body;
}
