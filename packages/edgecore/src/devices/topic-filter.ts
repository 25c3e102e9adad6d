/**
 * Whether a topic filter selects a topic: `+` stands for one level, a last `#` for any number of levels,
 * none included [MQTT-4.7.1-2, MQTT-4.7.1-3]. A wildcard in the first level does not select topics that
 * begin with `$` [MQTT-4.7.2-1].
 */
export function selects(filter: string, topic: string): boolean {
  return matches(filter.split('/'), topic.split('/'));
}

/** The same for a filter and a topic split into their levels. */
function matches(wanted: readonly string[], levels: readonly string[]): boolean {
  const [first] = wanted;
  if ((first === '+' || first === '#') && levels[0]?.startsWith('$')) return false;
  for (let at = 0; at < wanted.length; at++) {
    const level = wanted[at];
    if (level === '#') return true;
    if (at >= levels.length || (level !== '+' && level !== levels[at])) return false;
  }
  return wanted.length === levels.length;
}

/** Why `topic` cannot be published to; undefined when it can [MQTT-4.7.3-1, MQTT-3.3.2-2]. */
export function topicProblem(topic: string): string | undefined {
  if (topic === '') return 'is empty';
  if (Buffer.byteLength(topic) > 65_535) return 'is longer than 65535 bytes';
  if (/[+#]/.test(topic)) return 'holds a wildcard';
  return topic.includes('\0') ? 'holds a NUL character' : undefined;
}

interface Entries<T> {
  readonly levels: readonly string[];
  readonly all: Set<T>;
}

/** Entries by topic filter; looks up topics without wildcards in one step. */
export class TopicIndex<T> {
  readonly #exact = new Map<string, Entries<T>>();
  readonly #patterns = new Map<string, Entries<T>>();

  add(filter: string, entry: T): void {
    const entries = this.#of(filter);
    const held = entries.get(filter);
    if (held) held.all.add(entry);
    else entries.set(filter, { levels: filter.split('/'), all: new Set([entry]) });
  }

  /** True when it was the last entry of this filter. */
  remove(filter: string, entry: T): boolean {
    const entries = this.#of(filter);
    const held = entries.get(filter);
    if (!held?.all.delete(entry) || held.all.size > 0) return false;
    entries.delete(filter);
    return true;
  }

  /** Every entry whose filter selects `topic`. */
  *select(topic: string): Generator<T, void> {
    yield* this.#exact.get(topic)?.all ?? [];
    if (this.#patterns.size === 0) return;
    const levels = topic.split('/');
    for (const pattern of this.#patterns.values())
      if (matches(pattern.levels, levels)) yield* pattern.all;
  }

  filters(): string[] {
    return [...this.#exact.keys(), ...this.#patterns.keys()];
  }

  #of(filter: string): Map<string, Entries<T>> {
    return /[+#]/.test(filter) ? this.#patterns : this.#exact;
  }
}
