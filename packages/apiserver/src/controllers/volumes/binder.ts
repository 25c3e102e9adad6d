import { kubeTime, type Clock } from '@skerry/shared/clock';
import type { ClusterClient, Place } from '../client/cluster-client.ts';
import type { Meta } from '../client/objects.ts';
import {
  claims,
  volumes,
  type Claim,
  type ClaimPhase,
  type Volume,
  type VolumePhase,
} from '../client/storage-kinds.ts';
import { bindCompleted, boundByController, markOf, selectedNode } from './marks.ts';
import { isBoundTo } from './match.ts';

/** Writes claims and volumes, each from its newest state; a write that changes nothing is none. */
export class Binder {
  readonly #client: ClusterClient;
  readonly #clock: Clock;

  constructor(client: ClusterClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  /**
   * Makes a claim and a volume each other's. The volume goes first, as one of them must: another claim
   * that wants it meanwhile sees whose it is. False when it is another's already.
   */
  async bind(claim: Claim, volume: Volume): Promise<boolean> {
    if (!(await this.promise(volume, claim))) return false;
    await this.phase(volume, 'Bound');
    await this.#client.update(claims, claim.metadata, (held) => {
      const byUs = held.spec.volumeName !== volume.metadata.name;
      held.spec.volumeName = volume.metadata.name;
      held.metadata.annotations = {
        ...held.metadata.annotations,
        [bindCompleted]: 'yes',
        ...(byUs ? { [boundByController]: 'yes' } : {}),
      };
      return held;
    });
    const { accessModes = [], capacity = {} } = volume.spec;
    await this.#client.updateStatus(claims, claim.metadata, ({ status = {} }) => ({
      ...status,
      phase: 'Bound',
      accessModes,
      capacity,
    }));
    return true;
  }

  /** Says in the volume that it is the claim's; false when it is another's. */
  async promise(volume: Volume, claim: Claim): Promise<boolean> {
    const { name, namespace, uid, resourceVersion = '' } = claim.metadata;
    const { apiVersion, kind } = claims;
    const written = await this.#client.update(volumes, whereIs(volume), (held) => {
      const known = held.spec.claimRef;
      if (known !== undefined && (!isBoundTo(held, claim) || known.uid === uid)) return undefined;
      if (known === undefined)
        held.metadata.annotations = { ...held.metadata.annotations, [boundByController]: 'yes' };
      held.spec.claimRef = { apiVersion, kind, namespace, name, uid, resourceVersion };
      return held;
    });
    return written !== undefined && isBoundTo(written, claim);
  }

  async unbind(volume: Volume, keepsName: boolean): Promise<void> {
    await this.#client.update(volumes, whereIs(volume), (held) => {
      const { claimRef, ...spec } = held.spec;
      if (!keepsName && markOf(held, boundByController) !== undefined)
        delete held.metadata.annotations?.[boundByController];
      const { uid: _uid, resourceVersion: _version, ...name } = claimRef ?? {};
      return { ...held, spec: keepsName ? { ...spec, claimRef: name } : spec };
    });
  }

  async phase(volume: Volume, phase: VolumePhase, message?: string): Promise<void> {
    const now = kubeTime(this.#clock.now());
    await this.#client.updateStatus(volumes, whereIs(volume), ({ status = {} }) => {
      if (status.phase === phase) return undefined;
      const { message: _message, reason: _reason, ...rest } = status;
      const said = message === undefined ? {} : { message };
      return { ...rest, ...said, phase, lastPhaseTransitionTime: now };
    });
  }

  async claimPhase(claim: Claim, phase: ClaimPhase): Promise<void> {
    await this.#client.updateStatus(claims, claim.metadata, ({ status = {} }) =>
      status.phase === phase ? undefined : { ...status, phase },
    );
  }

  /** Lets go of what holds a deleted object. */
  async release(object: Claim | Volume, finalizers: readonly string[]): Promise<void> {
    const kind = object.kind === claims.kind ? claims : volumes;
    await this.#client.update<Claim | Volume>(kind, whereIs(object), (held) => {
      const left = (held.metadata.finalizers ?? []).filter((one) => !finalizers.includes(one));
      return { ...held, metadata: { ...held.metadata, finalizers: left } };
    });
  }

  async annotate(claim: Claim, annotations: Readonly<Record<string, string>>): Promise<void> {
    await this.#client.update(claims, claim.metadata, (held) => ({
      ...held,
      metadata: { ...held.metadata, annotations: { ...held.metadata.annotations, ...annotations } },
    }));
  }

  /** Its pod is to be placed anew. */
  async unselect(claim: Claim): Promise<void> {
    await this.#client.update(claims, claim.metadata, (held) => {
      delete held.metadata.annotations?.[selectedNode];
      return held;
    });
  }

  async giveClass(claim: Claim, storageClassName: string): Promise<void> {
    await this.#client.update(claims, claim.metadata, (held) => ({
      ...held,
      spec: { ...held.spec, storageClassName },
    }));
  }
}

/** Volumes are in no namespace, and say so by not naming one. */
export function whereIs({ metadata }: Claim | Volume): Place & { readonly uid: string } {
  const { namespace, name, uid } = metadata as Partial<Meta>;
  return { namespace: namespace ?? '', name: name ?? '', uid: uid ?? '' };
}
