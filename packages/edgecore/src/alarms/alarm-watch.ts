import { ended, look, maxInstances, type Alert } from '@skerry/shared/alarms/alert';
import type { AlertRule, Sighting } from '@skerry/shared/alarms/alert-rule';
import { resolvedKeptSeconds } from '@skerry/shared/alarms/default-rules';
import { silenceOf, type Silence } from '@skerry/shared/alarms/silence';
import type { Clock } from '@skerry/shared/clock';
import { codeOf, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import type { NodeName } from '@skerry/shared/names';
import type { AlertBook } from './alert-book.ts';
import type { AlertTeller } from './alert-teller.ts';
import type { RuleBook } from './rule-book.ts';

export interface AlarmWatchParts {
  readonly node: NodeName;
  readonly rules: Pick<RuleBook, 'rules' | 'silences'>;
  readonly shipped: readonly AlertRule[];
  readonly book: AlertBook;
  readonly teller: AlertTeller;
  readonly sightings: (rule: AlertRule) => Promise<readonly Sighting[]>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Looks at what all rules are about, and says what follows. */
export class AlarmWatch {
  readonly #parts: AlarmWatchParts;
  /** What was last reported of each alert, as text. */
  readonly #reported = new Map<string, string>();
  #warned = new Map<string, string>();

  constructor(parts: AlarmWatchParts) {
    this.#parts = parts;
  }

  /** The rules that are served, by name. */
  async rules(): Promise<ReadonlyMap<string, AlertRule>> {
    const { rules, shipped } = this.#parts;
    const all = await rules.rules(shipped);
    return new Map([...all].filter(([, { enabled }]) => enabled));
  }

  /** Those of the cluster and those made here, as far as they are not over. */
  async silences(): Promise<readonly Silence[]> {
    const { rules, clock } = this.#parts;
    const all = await rules.silences();
    return all.filter(({ endsAt }) => endsAt > clock.now());
  }

  /** One look at everything. Rejects when the disk refuses what follows: the next look says it again. */
  async turn(): Promise<void> {
    const { book, teller } = this.#parts;
    const [rules, silences] = await Promise.all([this.rules(), this.silences()]);
    for (const rule of rules.values()) await this.#lookAt(rule);
    for (const name of this.#warned.keys()) if (!rules.has(name)) this.#warned.delete(name);
    for (const alert of book.all())
      if (!rules.has(alert.rule)) await this.#settle(alert, undefined);
    await this.#report(silences); // people here see it also while a full disk lets nobody be told
    const told = await teller.tellDue(book.all(), rules, silences);
    await book.keep(told);
    await this.#tidy();
  }

  async #lookAt(rule: AlertRule): Promise<void> {
    const { book, node, clock } = this.#parts;
    const sightings = await this.#sightings(rule);
    if (!sightings) return;
    const seen = new Map(sightings.slice(0, maxInstances).map((one) => [one.instance, one]));
    const held = book.ofRule(rule.name);
    for (const instance of new Set([...held.keys(), ...seen.keys()])) {
      const before = held.get(instance);
      const sighting = seen.get(instance);
      const next = look(before, rule, { node, sighting, now: clock.now() });
      if (before ?? next) await this.#settle(before, next);
    }
  }

  /** Undefined where the source could not be asked, which proves nothing. */
  async #sightings(rule: AlertRule): Promise<readonly Sighting[] | undefined> {
    try {
      return await this.#parts.sightings(rule);
    } catch (error) {
      const why = messageOf(error);
      if (this.#warned.get(rule.name) !== why)
        this.#parts.log.warn({ rule: rule.name, code: codeOf(error), why }, 'rule not evaluated');
      this.#warned.set(rule.name, why);
      return undefined;
    }
  }

  /** Only what has turned is written: that a value differs is seen, and need not outlive the process. */
  async #settle(before: Alert | undefined, looked: Alert | undefined): Promise<void> {
    const { book, clock } = this.#parts;
    const next = looked ?? (before && ended(before, clock.now()));
    if (!next) {
      if (before) await book.forget([before]);
    } else if (next.phase === before?.phase || next.phase === 'pending') book.note(next);
    else await book.keep([next]);
  }

  async #report(silences: readonly Silence[]): Promise<void> {
    const { book, teller, clock } = this.#parts;
    for (const alert of book.all()) {
      if (alert.startsAt === undefined) continue; // only pending
      const silencedBy = silenceOf(alert, silences, clock.now())?.name;
      const { phase, startsAt, endsAt, severity, labels, generation } = alert;
      const is = JSON.stringify([
        phase,
        startsAt,
        endsAt,
        severity,
        labels,
        generation,
        silencedBy,
      ]);
      const name = JSON.stringify([alert.rule, alert.instance]);
      if (this.#reported.get(name) === is || phase === 'pending') continue;
      await teller.report(alert, silences);
      this.#reported.set(name, is);
    }
  }

  /** What resolved long ago is forgotten here and in the cluster. */
  async #tidy(): Promise<void> {
    const { book, teller, clock } = this.#parts;
    const until = clock.now() - resolvedKeptSeconds * 1_000;
    const old = book
      .all()
      .filter(({ phase, endsAt = Infinity }) => phase === 'resolved' && endsAt < until);
    for (const alert of old) {
      await teller.gone(alert);
      this.#reported.delete(JSON.stringify([alert.rule, alert.instance]));
    }
    if (old.length > 0) await book.forget(old);
  }
}
