import { selects } from '@skerry/shared/kube/label-selector';
import type { Requeue } from '@skerry/shared/workqueue';
import { sameJson, type JsonObject } from '../../json.ts';
import { isNamespaceTerminating } from '../../refusals.ts';
import type { Held } from '../../storage/held.ts';
import { isConflict, placeOf, type ClusterClient } from '../client/cluster-client.ts';
import type { ControllerParts } from '../client/controller-parts.ts';
import { endpoints, endpointSlices, pods, services } from '../client/kinds.ts';
import type { Service } from '../client/objects.ts';
import { reconcile } from '../reconcile.ts';
import { withMeta } from '../workload/claim.ts';
import { backendsOf, type Backend } from './backends.ts';
import { endpointsOf } from './endpoints.ts';
import { managedBy, managerLabel, serviceLabel, slicesOf } from './slices.ts';

/**
 * Says which pods are behind each service, until `signal` aborts.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/service/#endpoints
 */
export async function runEndpoints(parts: ControllerParts, signal: AbortSignal): Promise<void> {
  const teller = new EndpointTeller(parts);
  const sources = {
    [services.storage]: ({ id }: Held) => [id],
    [pods.storage]: (held: Held) => teller.servicesOf(held),
    [endpoints.storage]: ({ id }: Held) => [id],
    [endpointSlices.storage]: ({ namespace, labels }: Held) =>
      labels[managerLabel] === managedBy ? [`${namespace}/${labels[serviceLabel] ?? ''}`] : [],
  };
  await reconcile({ ...parts, sources, turn: (key) => teller.turn(key) }, signal);
}

class EndpointTeller {
  readonly #client: ClusterClient;
  /** The services that led to a pod when it was last looked at. */
  readonly #behind = new Map<string, readonly string[]>();

  constructor({ client }: ControllerParts) {
    this.#client = client;
  }

  /** Those that lead to a pod, and those that did. */
  servicesOf(pod: Held): readonly string[] {
    const now = this.#client
      .list(services, pod.namespace)
      .filter((service) => leadsTo(service, pod.labels))
      .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
    const before = this.#behind.get(pod.id) ?? [];
    const isGone = !this.#client.get(pods, pod);
    if (isGone || now.length === 0) this.#behind.delete(pod.id);
    else this.#behind.set(pod.id, now);
    return [...new Set([...before, ...now])];
  }

  async turn(key: string): Promise<Requeue> {
    const service = this.#client.get(services, placeOf(key));
    try {
      if (!service) await this.#forget(key);
      else if (service.metadata.deletionTimestamp === undefined) await this.#tell(service);
    } catch (error) {
      if (!isNamespaceTerminating(error)) throw error;
    }
    return undefined;
  }

  /** A service without a selector has endpoints that somebody else tells. */
  async #tell(service: Service): Promise<void> {
    if (!service.spec.selector || service.spec.type === 'ExternalName') return;
    const here = this.#client.list(pods, service.metadata.namespace, ({ labels }) =>
      leadsTo(service, labels),
    );
    const backends = backendsOf(service, here);
    await this.#writeEndpoints(service, backends);
    await this.#writeSlices(service, backends);
  }

  /** The slices go with their owner; the Endpoints have none. */
  async #forget(key: string): Promise<void> {
    const known = this.#client.get(endpoints, placeOf(key));
    const manager = known?.metadata.labels?.['endpoints.kubernetes.io/managed-by'];
    if (known && manager !== undefined) await this.#client.delete(endpoints, placeOf(key));
  }

  async #writeEndpoints(service: Service, backends: readonly Backend[]): Promise<void> {
    const wanted = endpointsOf(service, backends);
    const { namespace, name } = service.metadata;
    if (!this.#client.get(endpoints, { namespace, name })) {
      await this.#client.create(endpoints, namespace, wanted).catch((error: unknown) => {
        if (!isConflict(error)) throw error;
      });
      return;
    }
    const { metadata, subsets } = wanted;
    await this.#client.update(endpoints, { namespace, name }, (held) => {
      const { subsets: _old, ...rest } = withMeta(held, { labels: labelsOf(metadata) });
      return { ...rest, ...(subsets === undefined ? {} : { subsets }) };
    });
  }

  /** Slices that need not change are left alone; of the others as many are reused as there are. */
  async #writeSlices(service: Service, backends: readonly Backend[]): Promise<void> {
    const { namespace, uid } = service.metadata;
    const own = this.#client.list(
      endpointSlices,
      namespace,
      (held) => this.#client.controllerOf(held)?.uid === uid,
    );
    const wanted = slicesOf(service, backends);
    const isSame = (slice: JsonObject, other: JsonObject): boolean =>
      ['addressType', 'endpoints', 'ports'].every((field) => sameJson(slice[field], other[field]));
    const missing = wanted.filter((slice) => !own.some((held) => isSame(held, slice)));
    const stale = own.filter((held) => !wanted.some((slice) => isSame(held, slice)));
    for (const slice of missing) {
      const reused = stale.findIndex((held) => held['addressType'] === slice['addressType']);
      const [held] = reused < 0 ? [] : stale.splice(reused, 1);
      if (!held) await this.#client.create(endpointSlices, namespace, slice);
      else {
        const { metadata: _new, ...content } = slice;
        await this.#client.update(endpointSlices, held.metadata, (old) => ({ ...old, ...content }));
      }
    }
    for (const { metadata } of stale) await this.#client.delete(endpointSlices, metadata);
  }
}

function leadsTo({ spec }: Service, labels: Readonly<Record<string, string>>): boolean {
  const { selector } = spec;
  return selector !== undefined && selects({ matchLabels: selector })(labels);
}

function labelsOf(metadata: JsonObject[string] | undefined): JsonObject {
  return ((metadata as JsonObject | undefined)?.['labels'] ?? {}) as JsonObject;
}
