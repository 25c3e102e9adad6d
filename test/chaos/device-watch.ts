import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeApi } from '@skerry/cloudhub/kube/kube-api';
import { devices } from '@skerry/cloudhub/kube/resource';
import { version, type Version } from '@skerry/shared/names';
import type { Journal } from './journal.ts';

/** A Device as the API shows it. */
export interface Device {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
  };
  readonly status?: {
    readonly twins?: readonly {
      readonly propertyName: string;
      readonly reported?: { readonly value: string };
    }[];
  };
}

/** What a device reports of one of its properties, as a number; undefined for nothing. */
export function reported({ status }: Device, property: string): number | undefined {
  const twin = status?.twins?.find(({ propertyName }) => propertyName === property);
  return twin?.reported && Number(twin.reported.value);
}

interface Seen {
  readonly version: Version;
  readonly count: number;
}

/** Follows every Device as anybody may, over every end of the API, and checks that nothing goes back. */
export class DeviceWatch {
  /** By uid. */
  readonly #seen = new Map<string, Seen>();
  readonly #api: KubeApi;
  readonly #journal: Journal;

  constructor(api: KubeApi, journal: Journal) {
    this.#api = api;
    this.#journal = journal;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const page = await this.#api.list(devices, { limit: 1_000 }, signal);
        for (const item of page.items) this.#see(item);
        const from = { from: page.version, timeoutSeconds: 3_600 };
        for await (const event of this.#api.watch(devices, from, signal))
          if (event.type === 'put') this.#see(event.object);
      } catch {
        this.#journal.count('watches broken'); // the API was killed
      }
      await sleep(50, undefined, { signal }).catch(() => undefined);
    }
  }

  #see(object: Buffer): void {
    const device = JSON.parse(object.toString()) as Device;
    const { name, uid, resourceVersion } = device.metadata;
    const before = this.#seen.get(uid);
    const now = { version: version(resourceVersion), count: reported(device, 'count') ?? 0 };
    if (before && now.version < before.version)
      this.#journal.violation(`${name} went from version ${before.version} to ${now.version}`);
    if (before && now.count < before.count)
      this.#journal.violation(`${name} was shown at ${now.count} after ${before.count}`);
    if (now.count !== (before?.count ?? 0)) this.#journal.count('values shown');
    this.#seen.set(uid, now);
  }
}
