import { fingerprintOf, type Alert } from '@skerry/shared/alarms/alert';
import { parseJson } from '@skerry/shared/parse-json';
import type { Store, Table } from '@skerry/shared/store';

/**
 * Alerts, on disk: an agent that starts again goes on where it was. What is only
 * pending is forgotten with the process, and waits anew.
 */
export class AlertBook {
  readonly #store: Store;
  readonly #node: string;
  readonly #table: Table;
  /** By fingerprint. */
  readonly #alerts = new Map<string, Alert>();

  private constructor(store: Store, node: string) {
    this.#store = store;
    this.#node = node;
    this.#table = store.table('alerts');
  }

  static async open(store: Store, node: string): Promise<AlertBook> {
    const book = new AlertBook(store, node);
    for await (const [key, entry] of book.#table.entries())
      book.#alerts.set(key, parseJson(entry) as Alert);
    return book;
  }

  all(): readonly Alert[] {
    return [...this.#alerts.values()];
  }

  ofRule(rule: string): ReadonlyMap<string, Alert> {
    const of = this.all().filter((alert) => alert.rule === rule);
    return new Map(of.map((alert) => [alert.instance, alert]));
  }

  /** What is only seen: it need not outlive the process. */
  note(alert: Alert): void {
    this.#alerts.set(fingerprintOf(this.#node, alert), alert);
  }

  /** Resolves when it is on disk, that is: neither told nor reported anew after a restart. */
  async keep(alerts: readonly Alert[]): Promise<void> {
    const kept = alerts.map((alert) => [fingerprintOf(this.#node, alert), alert] as const);
    for (const [key, alert] of kept) this.#alerts.set(key, alert);
    await this.#store.commit(
      kept.map(([key, alert]) => this.#table.put(key, Buffer.from(JSON.stringify(alert)))),
    );
  }

  async forget(alerts: readonly Alert[]): Promise<void> {
    const keys = alerts.map((alert) => fingerprintOf(this.#node, alert));
    for (const key of keys) this.#alerts.delete(key);
    await this.#store.commit(keys.map((key) => this.#table.del(key)));
  }
}
