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

/**
 * Entries by topic filter. Looks up topics without wildcards in one step, and the others only among the
 * filters that share its first level.
 */
export class TopicIndex<T> {
  readonly #exact = new Map<string, Entries<T>>();
  readonly #patterns = new Map<string, Map<string, Entries<T>>>();

  add(filter: string, entry: T): void {
    const entries = this.#of(filter) ?? this.#begin(filter);
    const held = entries.get(filter);
    if (held) held.all.add(entry);
    else entries.set(filter, { levels: filter.split('/'), all: new Set([entry]) });
  }

  /** True when it was the last entry of this filter. */
  remove(filter: string, entry: T): boolean {
    const entries = this.#of(filter);
    const held = entries?.get(filter);
    if (!entries || !held?.all.delete(entry) || held.all.size > 0) return false;
    entries.delete(filter);
    if (entries !== this.#exact && entries.size === 0) this.#patterns.delete(firstLevel(filter));
    return true;
  }

  /** Every entry whose filter selects `topic`. */
  select(topic: string): readonly T[] {
    const found: T[] = [...(this.#exact.get(topic)?.all ?? [])];
    this.#collect(firstLevel(topic), topic, found);
    this.#collect('+', topic, found);
    this.#collect('#', topic, found);
    return found;
  }

  filters(): string[] {
    return [this.#exact, ...this.#patterns.values()].flatMap((entries) => [...entries.keys()]);
  }

  #collect(first: string, topic: string, found: T[]): void {
    const patterns = this.#patterns.get(first);
    if (!patterns) return;
    const levels = topic.split('/');
    for (const pattern of patterns.values())
      if (matches(pattern.levels, levels)) found.push(...pattern.all);
  }

  #of(filter: string): Map<string, Entries<T>> | undefined {
    return /[+#]/.test(filter) ? this.#patterns.get(firstLevel(filter)) : this.#exact;
  }

  #begin(pattern: string): Map<string, Entries<T>> {
    const entries = new Map<string, Entries<T>>();
    this.#patterns.set(firstLevel(pattern), entries);
    return entries;
  }
}

function firstLevel(topic: string): string {
  const end = topic.indexOf('/');
  return end < 0 ? topic : topic.slice(0, end);
}
