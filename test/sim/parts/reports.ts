import { fromEntry } from '@skerry/edgecore/link/report-entry';
import type { DropReason } from '@skerry/edgecore/link/report-policy';
import type { ReportClass } from '@skerry/shared/delivery/report';
import type { NodeName, ObjectKey } from '@skerry/shared/names';
import type { Write } from '@skerry/shared/store';
import { Broken } from './broken.ts';
import type { SimDisk } from './disk.ts';

interface Made {
  readonly node: NodeName;
  readonly class: ReportClass;
  readonly key: ObjectKey;
  /** `kept`: it is on the edge's disk, so it must arrive. `excused`: nobody promised anything any more. */
  state: 'making' | 'kept' | 'excused';
  /** It has been on the disk. */
  stored: boolean;
}

/** Every report ever made, numbered, and what the API server has accepted. */
export class ReportBook {
  readonly #made: Made[] = [];
  readonly #newest = new Map<string, number>();
  /** Events that left a disk without having been accepted, by node: the outbox must say so. */
  readonly #unexplained = new Map<NodeName, number[]>();
  /** Events that an outbox gave up because of their age, and that are on the disk still. */
  readonly #expired = new Map<NodeName, number>();
  /** Events for which there was no room from the beginning. */
  readonly #turnedAway = new Map<NodeName, number>();

  /** The keys of which the API server has accepted a report, in the order of their names. */
  get accepted(): string[] {
    return [...this.#newest.keys()].map((of) => of.slice(of.indexOf(' ') + 1)).sort();
  }

  /** How many were made. */
  get size(): number {
    return this.#made.length;
  }

  make(node: NodeName, kind: ReportClass, key: ObjectKey): number {
    return this.#made.push({ node, class: kind, key, state: 'making', stored: false }) - 1;
  }

  kept(number: number): void {
    const made = this.#made[number]!;
    if (made.state === 'making') made.state = 'kept';
  }

  excuse(number: number): void {
    this.#made[number]!.state = 'excused';
  }

  /** The store of a node is lost. */
  wiped(node: NodeName): void {
    for (const made of this.#made) if (made.node === node) made.state = 'excused';
  }

  /** The process of a node died, and with it what it was about to say or write. */
  died(node: NodeName): void {
    this.#unexplained.delete(node);
    this.#expired.delete(node);
  }

  /** What is given up leaves the disk before it is counted, or, when it has expired, some time after. */
  gaveUp(node: NodeName, kind: ReportClass | 'unknown', reason: DropReason): void {
    if (kind !== 'event' || reason === 'refused' || reason === 'unreadable')
      throw new Broken(`a report (${kind}) of ${node} was ${reason}`);
    if (this.#unexplained.get(node)?.shift() !== undefined) return;
    const counted = reason === 'expired' ? this.#expired : this.#turnedAway;
    counted.set(node, (counted.get(node) ?? 0) + 1);
  }

  /** Once accepted, a status is never followed by an older one. */
  accept(node: NodeName, key: ObjectKey, number: number): void {
    const of = `${node} ${key}`;
    const before = this.#newest.get(of) ?? -1;
    if (number < before)
      throw new Broken(`${of}: report ${number} was accepted after ${before} (order)`);
    this.#newest.set(of, number);
  }

  /** G4: what leaves the disk was accepted, replaced by a newer one, or given up aloud. */
  check(node: NodeName, writes: readonly Write[], disk: SimDisk): void {
    for (const { table, key: slot, value } of writes) {
      if (table !== 'reports') continue;
      const before = numberIn(disk.read(table, slot));
      const next = numberIn(value);
      if (next !== undefined) this.#made[next]!.stored = true;
      if (before === undefined) continue;
      if (next !== undefined && next > before) continue;
      if (next !== undefined)
        throw new Broken(`report ${before} of ${node} gave way to the older ${next} (G4)`);
      const { class: kind, key } = this.#made[before]!;
      if ((this.#newest.get(`${node} ${key}`) ?? -1) >= before) continue;
      if (kind !== 'event') throw new Broken(`report ${before} of ${node} left unaccepted (G4)`);
      this.excuse(before);
      this.#leftUnaccepted(node, before);
    }
  }

  /** What should have arrived and has not, and what left without a word. */
  *missing(): Generator<string> {
    for (const [node, reports] of this.#unexplained)
      for (const report of reports) yield `report ${report} of ${node} left unaccepted (G4)`;
    const [expired, turnedAway] = [new Map(this.#expired), new Map(this.#turnedAway)];
    for (const [number, { node, class: kind, key, state, stored }] of this.#made.entries()) {
      if (state !== 'kept' || (this.#newest.get(`${node} ${key}`) ?? -1) >= number) continue;
      const excuses = stored ? expired : turnedAway;
      const left = kind === 'event' ? (excuses.get(node) ?? 0) : 0;
      if (left === 0) yield `report ${number} (${kind} ${key}) of ${node} has not arrived`;
      else excuses.set(node, left - 1);
    }
  }

  #leftUnaccepted(node: NodeName, report: number): void {
    const expired = this.#expired.get(node) ?? 0;
    if (expired > 0) this.#expired.set(node, expired - 1);
    else this.#unexplained.set(node, [...(this.#unexplained.get(node) ?? []), report]);
  }
}

function numberIn(entry: Uint8Array | undefined): number | undefined {
  const report = entry && fromEntry(entry);
  return report && Number(Buffer.from(report.payload).toString());
}
