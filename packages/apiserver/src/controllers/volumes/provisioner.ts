import { localProvisioner } from '@skerry/shared/kube/local-volumes';
import { isConflict } from '../client/cluster-client.ts';
import type { ControllerParts } from '../client/controller-parts.ts';
import { EventRecorder } from '../client/event-recorder.ts';
import { nodes } from '../client/kinds.ts';
import { claims, volumes, type Claim, type StorageClass } from '../client/storage-kinds.ts';
import type { Binder } from './binder.ts';
import { markOf, selectedNode, storageProvisioner } from './marks.ts';
import { localVolume, volumeName } from './provision.ts';

/** What a class names as its provisioner when people make its volumes. */
const byHand = 'kubernetes.io/no-provisioner';

/** Makes volumes of {@link localProvisioner}, and says of claims of others that somebody else has to. */
export class Provisioner {
  readonly #parts: ControllerParts;
  readonly #binder: Binder;
  readonly #controller: EventRecorder;
  readonly #own: EventRecorder;

  constructor(parts: ControllerParts, binder: Binder) {
    this.#parts = parts;
    this.#binder = binder;
    this.#controller = new EventRecorder(parts, { component: 'persistentvolume-controller' });
    this.#own = new EventRecorder(parts, { component: localProvisioner });
  }

  async provide(claim: Claim, kind: StorageClass): Promise<void> {
    const { provisioner } = kind;
    if (provisioner === byHand) {
      const message = `no volume plugin matched name: ${byHand}`;
      await this.#controller.tell(claims, claim, {
        type: 'Warning',
        reason: 'ProvisioningFailed',
        message,
      });
      return;
    }
    const isAsked = storageProvisioner.every((name) => markOf(claim, name) === provisioner);
    if (!isAsked) {
      const asking = storageProvisioner.map((name) => [name, provisioner]);
      await this.#binder.annotate(claim, Object.fromEntries(asking) as Record<string, string>);
    }
    const message = `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`;
    await this.#controller.tell(claims, claim, {
      type: 'Normal',
      reason: 'ExternalProvisioning',
      message,
    });
    if (provisioner === localProvisioner) await this.#make(claim, kind);
  }

  async #make(claim: Claim, kind: StorageClass): Promise<void> {
    const { namespace, name } = claim.metadata;
    const node = markOf(claim, selectedNode) ?? '';
    const held = this.#parts.client.get(nodes, { namespace: '', name: node });
    if (node !== '' && !held) {
      const gone = `failed to get target node: node "${node}" not found`;
      await this.#tell(claim, 'Warning', 'ProvisioningFailed', gone);
      return this.#binder.unselect(claim);
    }
    const made = localVolume(claim, kind, held);
    if (made.do === 'fail') {
      const message = `failed to provision volume with StorageClass "${kind.metadata.name}": ${made.why}`;
      await this.#tell(claim, 'Warning', 'ProvisioningFailed', message);
      return;
    }
    await this.#tell(
      claim,
      'Normal',
      'Provisioning',
      `External provisioner is provisioning volume for claim "${namespace}/${name}"`,
    );
    try {
      await this.#parts.client.create(volumes, '', made.volume);
    } catch (error) {
      if (!isConflict(error)) throw error; // made before a restart
    }
    await this.#tell(
      claim,
      'Normal',
      'ProvisioningSucceeded',
      `Successfully provisioned volume ${volumeName(claim)}`,
    );
  }

  #tell(claim: Claim, type: 'Normal' | 'Warning', reason: string, message: string): Promise<void> {
    return this.#own.tell(claims, claim, { type, reason, message });
  }
}
