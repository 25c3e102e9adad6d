import { readFile, readdir, watch } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '@skerry/shared/clock';
import { codeOf, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import {
  keyParts,
  objectKey,
  resourceName,
  uid,
  version,
  type NodeName,
  type ObjectKey,
  type ResourceName,
} from '@skerry/shared/names';
import { aborted } from '@skerry/shared/supervise';
import type { Reporter } from '../../link/reporter.ts';
import type { HeldObject, ObjectReader } from '../../meta/object-reader.ts';
import { parsePod } from '../parse-pod.ts';
import type { PodObject } from '../pod.ts';
import { annotation, isMirror, staticPods } from './static-manifest.ts';

/** However well the kernel tells of changes, the directory is looked at so often. */
const RESCAN_MS = 20_000;
const PODS = resourceName('pods');
const manifest = /\.(ya?ml|json)$/;
/** Of a pod that no API server has a version of. */
const UNSEEN = version('0');

export interface StaticPodsParts {
  /** Absent: no file makes a pod. */
  readonly directory?: string | undefined;
  readonly node: NodeName;
  /** What the hub has placed here. */
  readonly objects: ObjectReader;
  readonly reporter: Reporter;
  /** Told which pods came, changed or went. */
  readonly wake: (pod: ObjectKey) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * The pods of this node: those that the hub has placed here, and those of manifests in a directory,
 * which run with or without a cluster. The cluster sees these as mirrors; what becomes of a mirror
 * there changes nothing here, and one whose file is gone is taken back.
 */
export class StaticPods implements ObjectReader {
  readonly #parts: StaticPodsParts;
  /** By file, as last read well. */
  #files: ReadonlyMap<string, readonly PodObject[]> = new Map();
  #byKey: ReadonlyMap<ObjectKey, PodObject> = new Map();
  #scanned: Promise<void> = Promise.resolve();

  private constructor(parts: StaticPodsParts) {
    this.#parts = parts;
  }

  /** Reads the directory once: what it holds is known before any pod is taken for an orphan. */
  static async open(parts: StaticPodsParts): Promise<StaticPods> {
    const pods = new StaticPods(parts);
    await pods.#scan();
    return pods;
  }

  async get(key: ObjectKey): Promise<HeldObject | undefined> {
    const held = await this.#parts.objects.get(key);
    if (keyParts(key).resource !== PODS) return held;
    const own = this.#byKey.get(key);
    if (own) return staticObject(key, own, held);
    if (!held || !isMirror(parsePod(held.object))) return held;
    await this.#takeBack(held);
    return undefined;
  }

  async list(resource: ResourceName): Promise<readonly HeldObject[]> {
    const held = await this.#parts.objects.list(resource);
    if (resource !== PODS) return held;
    const others = held.filter(
      (one) => !this.#byKey.has(one.key) && !isMirror(parsePod(one.object)),
    );
    const own = [...this.#byKey].map(([key, pod]) =>
      staticObject(
        key,
        pod,
        held.find((one) => one.key === key),
      ),
    );
    return [...others, ...own];
  }

  /** Follows the directory until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { directory } = this.#parts;
    if (directory === undefined) await aborted(signal);
    else await Promise.all([this.#rescan(signal), this.#follow(directory, signal)]);
  }

  async #rescan(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    while (!signal.aborted) {
      await clock.sleep(RESCAN_MS, signal).catch(() => undefined);
      await this.#scan();
    }
  }

  async #follow(directory: string, signal: AbortSignal): Promise<void> {
    try {
      for await (const _ of watch(directory, { signal, persistent: false })) await this.#scan();
    } catch {
      // not there, or more watches than the kernel allows: it is looked at all the same
    }
  }

  /** One after the other: the newest look counts. */
  #scan(): Promise<void> {
    this.#scanned = this.#scanned.then(() => this.#look());
    return this.#scanned;
  }

  async #look(): Promise<void> {
    const { directory, wake } = this.#parts;
    if (directory === undefined) return;
    const before = this.#byKey;
    this.#files = await this.#read(directory);
    const after = new Map<ObjectKey, PodObject>();
    for (const pod of [...this.#files.values()].flat()) {
      const key = objectKey(PODS, pod.metadata.namespace, pod.metadata.name);
      if (!after.has(key)) after.set(key, pod); // the first file of that name, in their order
    }
    this.#byKey = after;
    for (const key of new Set([...before.keys(), ...after.keys()]))
      if (before.get(key)?.metadata.uid !== after.get(key)?.metadata.uid) wake(key);
  }

  /** A file that cannot be read stands for what it held before: it may be half written. */
  async #read(directory: string): Promise<Map<string, readonly PodObject[]>> {
    const { node, log } = this.#parts;
    const warn = (error: unknown): void =>
      log.warn({ directory, code: codeOf(error), error: messageOf(error) }, 'manifest not read');
    const names = await readdir(directory).catch((error: unknown) => {
      warn(error);
      return [...this.#files.keys()];
    });
    const files = new Map<string, readonly PodObject[]>();
    for (const name of names.filter((one) => manifest.test(one)).toSorted()) {
      try {
        files.set(name, staticPods(name, await readFile(join(directory, name), 'utf8'), node));
      } catch (error) {
        warn(error);
        files.set(name, this.#files.get(name) ?? []);
      }
    }
    return files;
  }

  async #takeBack({ key, uid: id }: HeldObject): Promise<void> {
    const payload = Buffer.from(JSON.stringify({ uid: id, status: {}, gone: true }));
    await this.#parts.reporter.report({ class: 'status', key, payload });
  }
}

/** As held: with the status that the cluster shows of it, if it shows it as it is. */
function staticObject(key: ObjectKey, pod: PodObject, held: HeldObject | undefined): HeldObject {
  const shown = held && parsePod(held.object);
  const isShown =
    shown?.metadata.annotations?.[annotation.mirror] === pod.metadata.uid &&
    shown.metadata.deletionTimestamp === undefined;
  const object = { ...pod, status: (isShown && shown.status) || {} };
  return {
    key,
    uid: uid(pod.metadata.uid),
    version: held?.version ?? UNSEEN,
    object: Buffer.from(JSON.stringify(object)),
  };
}
