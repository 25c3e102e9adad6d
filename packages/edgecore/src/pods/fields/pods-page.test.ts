import { join } from 'node:path';
import { modelsRelease } from '@skerry/shared/testing/kubernetes-models';
import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { describe, expect, it } from 'vitest';
import { KUBERNETES_VERSION } from '../../node/node-status.ts';
import { FakeMachine, FakeRuntime } from '../../runtime/testing/fake-runtime.ts';
import { podPlaces, specWith, textOf, type ApiPath, type ApiPlace } from '../testing/pod-api.ts';
import { PodNode, podObject } from '../testing/pod-node.ts';
import { unsupportedFields } from './unsupported.ts';

const page = join(import.meta.dirname, '..', '..', '..', '..', '..', 'docs', 'PODS.md');

const unheardOf = { name: 'unheardOf', type: 'string' };
const isReported = (path: ApiPath): boolean =>
  unsupportedFields(podObject(specWith(path))).includes(textOf(path));
const isDone = (path: ApiPath): boolean => !isReported(path);
/** Of what is said to others than nodes nothing is looked at. */
const places = await podPlaces((path) => !isReported(path) && isReported([...path, unheardOf]));
const isWhole = ({ fields }: ApiPlace): boolean => fields.every(isDone);
const listed = (paths: readonly ApiPath[]): string =>
  paths.map((path) => `\`${path.at(-1)?.name ?? ''}\``).join(', ');
const reported = places.flatMap(({ fields }) => fields).filter(isReported);

describe('docs/PODS.md', () => {
  /** Written anew by `npx vitest run --project unit packages/edgecore/src/pods/fields --update`. */
  it('says of every field of the Pod API what becomes of it', async () => {
    const release = await modelsRelease();
    const [whole, partly] = [places.filter(isWhole), places.filter((place) => !isWhole(place))];
    const sections = partly.map(
      ({ type, fields }) =>
        `### ${type.name}\n\nDone: ${listed(fields.filter(isDone))}.\n\nReported: ${listed(fields.filter(isReported))}.\n`,
    );
    const lines = whole.map(({ type, fields }) => `- ${type.name}: ${listed(fields)}\n`);
    const all = [introduction(release), ...sections, '## Objects of which everything is done\n'];
    expect(KUBERNETES_VERSION).toMatch(`v${release}.`);
    await expect(`${all.join('\n')}\n${lines.join('')}`).toMatchFileSnapshot(page);
  });
});

describe('a pod that asks for what is not done here', () => {
  it.each(reported.map((path) => [textOf(path), path] as const))(
    'is told of %s, as an Event and as a condition',
    async (text, path) => {
      const clock = new ManualClock();
      const machine = new FakeMachine(clock);
      machine.images.set('busybox:1', 'sha256:1');
      const open = (): Promise<FakeRuntime> => Promise.resolve(new FakeRuntime(machine));
      await using node = await PodNode.start({ clock, open });
      node.hold('pods', podObject(specWith(path)));
      const message = `This node does not apply ${text}`;
      const isTold = (): boolean => node.events().includes(`UnsupportedFields: ${message}`);
      while (!isTold()) await clock.advance(0);
      expect(node.status()?.conditions).toContainEqual(
        expect.objectContaining({
          type: 'edge.skerry.io/UnsupportedFields',
          status: 'True',
          reason: 'NotApplied',
          message,
        }),
      );
    },
  );
});

const introduction = (release: string): string => `# Pods at the edge

What becomes of each field of the Pod API, as of Kubernetes ${release}. _Done_ means as on any node, or meant
for others than nodes (schedulers, the API server). _Reported_ means that this node does not do it: the pod
runs without it, and says so in an Event \`UnsupportedFields\` and in its condition
\`edge.skerry.io/UnsupportedFields\`. So does whatever no version has heard of. A pod with a volume of a
kind that is reported does not run: it waits, with an Event \`FailedMount\`, too.

Besides:

- \`enableServiceLinks\`: nodes hold no Services, so there are no \`*_SERVICE_HOST\` variables.
- \`dnsPolicy: ClusterFirst\` asks \`pods.clusterDNS\` of the agent; without one it is \`Default\`.
- A pod that keeps more on disk than its limits of \`ephemeral-storage\` or the \`sizeLimit\` of an emptyDir allow
  is evicted. Of a process only its log counts.
- \`restartPolicy\` of a container is done for init containers, and reported for others.
- \`recursiveReadOnly: Enabled\` is reported.
- \`nfs\` takes the machine's own \`mount\` and its helper; without them \`FailedMount\` says so.
- \`runtimeClassName: process\`: what takes a container engine is reported.
- Deletion with a grace of 0 is at once, without the \`preStop\` hook.

## Objects of which something is reported
`;
