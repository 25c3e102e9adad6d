import type { Clock } from '@skerry/shared/clock';
import { objectKey, type NodeName } from '@skerry/shared/names';
import type { KubeApi } from '../kube/kube-api.ts';
import { NotFound } from '../kube/kube-errors.ts';
import { devices, nodes, pods, type ResourceType } from '../kube/resource.ts';
import type { Placement } from '../route/placement.ts';
import type { CurrentObjects } from '../upstream/current-objects.ts';
import type { Fields } from '../upstream/merge-diff.ts';
import { StatusWriter } from '../upstream/status-writer.ts';
import {
  exchangeTaints,
  podNotReady,
  staleDevice,
  unknownConditions,
  type NodeAction,
} from './node-lifecycle.ts';

export interface NodeActionsParts {
  readonly api: KubeApi;
  readonly placement: Pick<Placement, 'placedOn'>;
  readonly current: CurrentObjects;
  readonly clock: Clock;
  /** Asked again at the moment of writing: the node may have come back meanwhile. */
  readonly isSilent: (node: NodeName) => boolean;
}

/** Carries out what was decided about nodes. Each may be carried out twice. Throws KubeError. */
export class NodeActions {
  readonly #parts: NodeActionsParts;
  readonly #statuses: StatusWriter;

  constructor(parts: NodeActionsParts) {
    this.#parts = parts;
    this.#statuses = new StatusWriter(parts.api, parts.current);
  }

  async carryOut(node: NodeName, action: NodeAction, signal: AbortSignal): Promise<void> {
    switch (action.do) {
      case 'mark-unknown':
        return this.#markUnknown(node, signal);
      case 'set-taints':
        return this.#setTaints(node, action.taints, signal);
      case 'mark-devices-stale':
        return this.#markPlaced(node, devices, staleDevice, signal);
      case 'mark-pods-not-ready':
        return this.#markPlaced(node, pods, unreadyPod, signal);
    }
  }

  async #markUnknown(node: NodeName, signal: AbortSignal): Promise<void> {
    const { clock, isSilent } = this.#parts;
    await this.#statuses.write(
      { type: nodes, key: objectKey(nodes.name, '', node), fresh: true },
      ({ metadata, status = {} }) => {
        if (!isSilent(node)) return { do: 'write', status };
        const createdAt = metadata.creationTimestamp ?? '';
        const conditions = unknownConditions(status, createdAt, clock.now());
        return { do: 'write', status: { ...status, conditions } };
      },
      signal,
    );
  }

  async #setTaints(node: NodeName, wanted: readonly string[], signal: AbortSignal): Promise<void> {
    const { api, current, clock } = this.#parts;
    const key = objectKey(nodes.name, '', node);
    const object = await current.reread(nodes, key, signal);
    const taints = exchangeTaints(object, wanted, clock.now());
    const { resourceVersion } = object.metadata;
    const body = {
      metadata: { resourceVersion },
      spec: { taints: taints.length > 0 ? taints : null },
    };
    current.remember(key, await api.patch(nodes, key, { kind: 'merge', body }, signal));
  }

  /** The node says itself how they are when it comes back. */
  async #markPlaced(
    node: NodeName,
    type: ResourceType,
    marked: (status: Fields, nowMs: number) => Fields | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, placement, isSilent } = this.#parts;
    for (const { key } of [...placement.placedOn(node, type.name)]) {
      const written = this.#statuses.write(
        { type, key },
        ({ status = {} }) => {
          const mark = isSilent(node) ? marked(status, clock.now()) : undefined;
          return { do: 'write', status: mark ?? status };
        },
        signal,
      );
      await written.catch((error: unknown) => {
        if (!(error instanceof NotFound)) throw error; // it has ended meanwhile
      });
    }
  }
}

function unreadyPod(status: Fields, nowMs: number): Fields | undefined {
  const conditions = podNotReady(status, nowMs);
  return conditions && { ...status, conditions };
}
