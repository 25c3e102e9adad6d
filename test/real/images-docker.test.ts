import { openDockerRuntime } from '@skerry/edgecore/runtime/docker/docker-runtime';
import { systemClock } from '@skerry/shared/clock';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Container, PodObject } from '../../packages/edgecore/src/pods/pod.ts';
import {
  PodNode,
  podObject,
  type PodReport,
} from '../../packages/edgecore/src/pods/testing/pod-node.ts';
import type { ContainerRuntime } from '../../packages/edgecore/src/runtime/container-runtime.ts';
import { startDockerEngine, type DockerEngine } from '../support/docker-engine.ts';
import { eventually } from '../support/eventually.ts';
import { Registry } from '../support/registry.ts';

const { signal } = new AbortController();

describe('images of pods on a Docker engine', () => {
  let engine: DockerEngine;
  let registry: Registry;
  let runtime: ContainerRuntime;
  let node: PodNode;
  let made = 0;

  beforeAll(async () => {
    engine = await startDockerEngine();
    registry = await Registry.open();
  });
  afterAll(async () => {
    await engine[Symbol.asyncDispose]();
    await registry[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    const owner = `images-${crypto.randomUUID()}`;
    const address = `unix://${engine.socketPath}`;
    const open = (): Promise<ContainerRuntime> =>
      openDockerRuntime({ address, owner, clock: systemClock });
    runtime = await open();
    node = await PodNode.start({ clock: systemClock, open });
    node.hold('secrets', {
      metadata: { name: 'login', namespace: 'default', uid: 's' },
      data: { '.dockerconfigjson': registry.dockerConfig },
    });
  });
  afterEach(async () => {
    await node[Symbol.asyncDispose]();
    for (const { containers, sandboxes } of await runtime.list(undefined, signal)) {
      await Promise.all(containers.map(({ id }) => runtime.removeContainer(id, signal)));
      await Promise.all(sandboxes.map(({ id }) => runtime.removeSandbox(id, signal)));
    }
  });

  /** An image that the registry has and the engine has not. */
  const closed = (): string => {
    const name = `test/${process.pid}-${++made}:1`;
    registry.images.add(name);
    const image = `${registry.address}/${name}`;
    engine.images.add(image);
    return image;
  };
  const podOf = (image: string, spec: object = {}, more: Partial<Container> = {}): PodObject =>
    podObject({
      uid: 'images',
      terminationGracePeriodSeconds: 1,
      containers: [{ name: 'main', image, command: ['sh', '-c', 'exec sleep 1000'], ...more }],
      ...spec,
    });
  const login = { imagePullSecrets: [{ name: 'login' }] };
  const running = (image: string): Promise<PodReport> =>
    node.until(({ status }) => {
      const [main] = status.containerStatuses ?? [];
      return main?.image === image && main.ready;
    });
  const waiting = (reason: string): Promise<PodReport> =>
    node.until(({ status }) => status.containerStatuses?.[0]?.state.waiting?.reason === reason);
  const told = (text: string): Promise<true> =>
    eventually(text, () => node.events().some((event) => event.startsWith(text)));

  it('are pulled with the secrets that the pod names, and it is told', async () => {
    const image = closed();
    node.hold('pods', podOf(image, login));
    await running(image);
    await told('Started: ');
    expect(node.events().map((event) => event.replace(/ in [\d.]+s$/, ' in a while'))).toEqual([
      `Pulling: Pulling image "${image}"`,
      `Pulled: Successfully pulled image "${image}" in a while`,
      'Created: Created container: main',
      'Started: Started container main',
    ]);
  });

  it('are pulled with the secrets of the service account of a pod that names none', async () => {
    const image = closed();
    const metadata = { name: 'runner', namespace: 'default', uid: 'a' };
    node.hold('serviceaccounts', { metadata, ...login });
    node.hold('pods', podOf(image, { serviceAccountName: 'runner' }));
    await running(image);
  });

  it('are not given to who has no secret, or one that is not there', async () => {
    const image = closed();
    node.hold('pods', podOf(image, { imagePullSecrets: [{ name: 'none' }] }));
    await waiting('ErrImagePull');
    await waiting('ImagePullBackOff');
    await told(
      'FailedToRetrieveImagePullSecret: Unable to retrieve some image pull secrets (none);',
    );
    await told(`Failed: Failed to pull image "${image}": `);
    await told(`BackOff: Back-off pulling image "${image}"`);
  });

  it('are asked for as the policy says', async () => {
    const [missing, present] = [closed(), closed()];
    node.hold('pods', podOf(missing, login, { imagePullPolicy: 'Never' }));
    await waiting('ErrImageNeverPull');
    await told(`ErrImageNeverPull: Container image "${missing}" is not present`);
    node.hold('pods', podOf('Not A Name', login));
    await waiting('InvalidImageName');
    await told('InspectFailed: ');
    node.hold('pods', podOf(present, login));
    await running(present);
    const { served } = registry;
    node.hold('pods', podOf(present, login, { env: [{ name: 'A', value: '1' }] }));
    await told('Pulled: Container image');
    expect(registry.served).toBe(served);
  });

  it('are asked for whenever a container is made, if they always are', async () => {
    const image = closed();
    const always = { imagePullPolicy: 'Always' } as const;
    node.hold('pods', podOf(image, login, always));
    await running(image);
    const { served } = registry;
    node.hold('pods', podOf(image, login, { ...always, env: [{ name: 'A', value: '1' }] }));
    await node.until(({ status }) => status.containerStatuses?.[0]?.restartCount === 1);
    expect(registry.served).toBeGreaterThan(served);
  });

  it('replace what runs only once they are here', async () => {
    const [first, second] = [closed(), closed()];
    node.hold('pods', podOf(first, login));
    await running(first);
    const [before] = await runtime.list(undefined, signal);
    const none = `${registry.address}/test/none:1`;
    node.hold('pods', podOf(none, login));
    await told(`Failed: Failed to pull image "${none}": `);
    const [meanwhile] = await runtime.list(undefined, signal);
    expect(meanwhile?.containers).toEqual(before?.containers);
    node.hold('pods', podOf(second, login));
    await node.until(({ status }) => {
      const [main] = status.containerStatuses ?? [];
      return main?.image === second && main.ready && main.restartCount === 1;
    });
    await told('Killing: Container main definition changed, will be restarted');
  });
});
