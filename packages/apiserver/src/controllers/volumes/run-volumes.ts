import type { Requeue } from '@skerry/shared/workqueue';
import type { KubeObject } from '../../json.ts';
import type { Held } from '../../storage/held.ts';
import { placeOf } from '../client/cluster-client.ts';
import type { ControllerParts } from '../client/controller-parts.ts';
import { EventRecorder } from '../client/event-recorder.ts';
import { nodes, pods } from '../client/kinds.ts';
import type { Pod } from '../client/objects.ts';
import {
  claims,
  storageClasses,
  volumes,
  type Claim,
  type Volume,
} from '../client/storage-kinds.ts';
import { reconcile } from '../reconcile.ts';
import { claimsOf } from '../scheduling/facts.ts';
import { Binder, whereIs } from './binder.ts';
import { claimProtection } from './marks.ts';
import { planClaim, type ClaimStep } from './plan-claim.ts';
import { planVolume, type VolumeStep } from './plan-volume.ts';
import { Provisioner } from './provisioner.ts';

/**
 * Brings claims and volumes together, until `signal` aborts: binds those that fit, makes volumes in
 * the nodes' own directories, and lets go of what is deleted when nobody uses it.
 *
 * @see https://kubernetes.io/docs/concepts/storage/persistent-volumes/
 */
export async function runVolumes(parts: ControllerParts, signal: AbortSignal): Promise<void> {
  const keeper = new VolumeKeeper(parts);
  const sources = {
    [claims.storage]: (held: Held) => keeper.keysOfClaim(held),
    [volumes.storage]: (held: Held) => keeper.keysOfVolume(held),
    [storageClasses.storage]: () => keeper.openClaims(),
    [pods.storage]: (held: Held) => keysOfPod(held),
    [nodes.storage]: (held: Held) => keeper.keysOfNode(held),
  };
  await reconcile({ ...parts, sources, turn: (key) => keeper.turn(key) }, signal);
}

/** The claims that it mounts. */
function keysOfPod(held: Held): string[] {
  if (!held.mentions('"persistentVolumeClaim"')) return [];
  return claimsOf((held.parse() as Pod).spec).map((name) => `${held.namespace}/${name}`);
}

class VolumeKeeper {
  readonly #parts: ControllerParts;
  readonly #recorder: EventRecorder;
  readonly #binder: Binder;
  readonly #provisioner: Provisioner;
  /** Nodes that have been seen: heartbeats of theirs are no news. */
  readonly #nodes = new Set<string>();

  constructor(parts: ControllerParts) {
    this.#parts = parts;
    this.#recorder = new EventRecorder(parts, { component: 'persistentvolume-controller' });
    this.#binder = new Binder(parts.client, parts.clock);
    this.#provisioner = new Provisioner(parts, this.#binder);
  }

  keysOfClaim(held: Held): readonly string[] {
    const { spec } = held.parse() as Claim;
    const promised = this.#parts.client
      .list(volumes, '', (volume) => volume.mentions(`"${held.name}"`))
      .filter(
        ({ spec: { claimRef } }) =>
          claimRef?.name === held.name && claimRef.namespace === held.namespace,
      )
      .map(({ metadata }) => `/${metadata.name}`);
    const { volumeName = '' } = spec;
    return [...(volumeName === '' ? [] : [`/${volumeName}`]), ...promised, held.id];
  }

  keysOfVolume(held: Held): readonly string[] {
    const { spec } = held.parse() as Volume;
    const { namespace = '', name = '' } = spec.claimRef ?? {};
    const naming = this.#parts.client
      .list(claims, '', (claim) => claim.mentions(`"${held.name}"`))
      .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
    const own = name === '' ? this.openClaims() : [`${namespace}/${name}`];
    return [`/${held.name}`, ...own, ...naming];
  }

  /** That are waiting for whatever may come. */
  openClaims(): readonly string[] {
    return this.#parts.client
      .list(claims, '', (held) => held.mentions('"Pending"'))
      .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  }

  /** A node that comes or goes. */
  keysOfNode({ name }: Held): readonly string[] {
    const isThere = this.#hasNode(name);
    if (isThere === this.#nodes.has(name)) return [];
    if (isThere) this.#nodes.add(name);
    else this.#nodes.delete(name);
    const ending = this.#parts.client
      .list(volumes, '', (held) => held.mentions('"deletionTimestamp"'))
      .map(({ metadata }) => `/${metadata.name}`);
    return [...ending, ...this.openClaims()];
  }

  async turn(key: string): Promise<Requeue> {
    const place = placeOf(key);
    if (place.namespace === '') await this.#volumeTurn(place.name);
    else await this.#claimTurn(place);
    return undefined;
  }

  async #claimTurn(place: ReturnType<typeof placeOf>): Promise<void> {
    const { client } = this.#parts;
    const claim = client.get(claims, place);
    if (!claim) return;
    const scene = {
      claim,
      volumes: client.list(volumes, ''),
      classes: client.list(storageClasses, ''),
      users: this.#usersOf(claim),
    };
    for (const step of planClaim(scene)) await this.#forClaim(claim, step);
  }

  #usersOf({ metadata: { namespace, name } }: Claim): Pod[] {
    return this.#parts.client
      .list(pods, namespace, (held) => held.mentions(`"${name}"`))
      .filter(({ spec }) => claimsOf(spec).includes(name));
  }

  async #forClaim(claim: Claim, step: ClaimStep): Promise<void> {
    switch (step.do) {
      case 'bind':
        await this.#binder.bind(claim, step.volume);
        return;
      case 'phase':
        await this.#binder.claimPhase(claim, step.phase);
        return;
      case 'class':
        await this.#binder.giveClass(claim, step.name);
        return;
      case 'release':
        await this.#binder.release(claim, [claimProtection]);
        return;
      case 'provision':
        await this.#provisioner.provide(claim, step.kind);
        return;
      case 'tell':
        await this.#recorder.tell(claims, claim, step);
    }
  }

  async #volumeTurn(name: string): Promise<void> {
    const { client } = this.#parts;
    const volume = client.get(volumes, { namespace: '', name });
    if (!volume) return;
    const claim = this.#promisedTo(volume);
    const scene = { volume, claim, hasNode: (node: string) => this.#hasNode(node) };
    for (const step of planVolume(scene)) await this.#forVolume(volume, step);
  }

  #promisedTo({ spec }: Volume): Claim | undefined {
    const { namespace = '', name = '' } = spec.claimRef ?? {};
    return name === '' ? undefined : this.#parts.client.get(claims, { namespace, name });
  }

  async #forVolume(volume: Volume, step: VolumeStep): Promise<void> {
    switch (step.do) {
      case 'phase':
        await this.#binder.phase(volume, step.phase, step.message);
        return;
      case 'delete':
        await this.#parts.client.delete(volumes, whereIs(volume), { uid: volume.metadata.uid });
        return;
      case 'unbind':
        await this.#binder.unbind(volume, step.keepsName);
        return;
      case 'release':
        await this.#binder.release(volume, step.finalizers);
        return;
      case 'tell':
        await this.#recorder.tell<KubeObject>(volumes, volume, step);
    }
  }

  #hasNode(name: string): boolean {
    return this.#parts.client.get(nodes, { namespace: '', name }) !== undefined;
  }
}
