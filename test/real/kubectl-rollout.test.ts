import { beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { usePaperCluster } from '../support/paper-cluster.ts';

interface Pods {
  readonly items: readonly { readonly spec: { readonly nodeName?: string } }[];
}

const scaledUp =
  /Normal +ScalingReplicaSet +\S+ +deployment-controller +Scaled up replica set web-\w+ from 0 to 3/;
const scheduled =
  /Normal +Scheduled +\S+ +default-scheduler +Successfully assigned default\/web-\S+ to paper-/;

/** What people do with deployments, against controllers and a scheduler over the embedded API. */
describe('kubectl', () => {
  const cluster = usePaperCluster();

  beforeAll(async () => {
    const web = ['create', 'deployment', 'web', '--image=example/app:1', '--replicas=3'];
    await cluster.kubectl.run(web);
    await status();
  });

  const rollout = (...words: readonly string[]): Promise<string> =>
    cluster.kubectl.run(['rollout', ...words]);
  const status = (): Promise<string> => rollout('status', 'deploy/web', '--timeout=90s');
  const pods = async (): Promise<Pods['items']> =>
    (await cluster.kubectl.json<Pods>('get', 'pods')).items;

  it('creates a deployment, whose pods are spread over the nodes', async () => {
    expect((await pods()).map(({ spec }) => spec.nodeName).sort()).toEqual([
      'paper-1',
      'paper-1',
      'paper-2',
    ]);
    expect(await cluster.kubectl.run(['get', 'deploy', 'web', '--no-headers'])).toMatch(
      /^web +3\/3 +3 +3 /,
    );
    expect(await cluster.kubectl.run(['get', 'rs', '--no-headers'])).toMatch(/^web-\w+ +3 +3 +3 /);
    expect(await cluster.kubectl.run(['wait', '--for=condition=Available', 'deploy/web'])).toMatch(
      /condition met/,
    );
  });

  it('describes it and its pods as in a real cluster', async () => {
    const described = await eventually('the events of the deployment', async () => {
      const text = await cluster.kubectl.run(['describe', 'deploy', 'web']);
      return scaledUp.test(text) && text;
    });
    expect(described).toMatch(/Available +True +MinimumReplicasAvailable/);
    expect(described).toMatch(/Progressing +True +NewReplicaSetAvailable/);
    expect(described).toMatch(/NewReplicaSet: +web-\w+ \(3\/3 replicas created\)/);
    const pod = await eventually('the events of its pods', async () => {
      const text = await cluster.kubectl.run(['describe', 'pod', '-l', 'app=web']);
      return scheduled.test(text) && text;
    });
    expect(pod).toMatch(/Controlled By: +ReplicaSet\/web-\w+/);
  });

  it('sets an image, and follows the rollout', async () => {
    await cluster.kubectl.run(['set', 'image', 'deploy/web', 'app=example/app:2']);
    expect(await status()).toMatch(/deployment "web" successfully rolled out\n$/);
    const images = (): Promise<string> =>
      cluster.kubectl.run(['get', 'pods', '-o', 'jsonpath={.items[*].spec.containers[*].image}']);
    const wanted = 'example/app:2 example/app:2 example/app:2';
    await eventually('the end of the old pods', async () => (await images()) === wanted);
  });

  it('shows the history, and goes back in it', async () => {
    await cluster.kubectl.run(['annotate', 'deploy/web', 'kubernetes.io/change-cause=second']);
    await eventually('the cause', async () =>
      /\n2 +second\n/.test(await rollout('history', 'deploy/web')),
    );
    expect(await rollout('history', 'deploy/web', '--revision=1')).toMatch(/example\/app:1/);
    expect(await rollout('undo', 'deploy/web')).toMatch(/rolled back\n$/);
    await status();
    await eventually('the history', async () =>
      /REVISION +CHANGE-CAUSE\n2 .*\n3 .*\n/.test(await rollout('history', 'deploy/web')),
    );
    const { spec } = await cluster.kubectl.json<{ spec: object }>('get', 'deploy', 'web');
    expect(JSON.stringify(spec)).toContain('example/app:1');
  });

  it('pauses, resumes and restarts', async () => {
    await rollout('pause', 'deploy/web');
    await cluster.kubectl.run(['set', 'image', 'deploy/web', 'app=example/app:3']);
    await cluster.kubectl.run([
      'wait',
      '--for=jsonpath={.status.conditions[?(@.type=="Progressing")].reason}=DeploymentPaused',
      'deploy/web',
      '--timeout=90s',
    ]);
    expect(await cluster.kubectl.run(['get', 'rs', '--no-headers', '-o', 'name'])).toMatch(
      /^(\S+\n){2}$/,
    );
    await rollout('resume', 'deploy/web');
    await status();
    await rollout('restart', 'deploy/web');
    await status();
    expect(await cluster.kubectl.run(['get', 'rs', '-o', 'name'])).toMatch(/^(\S+\n){4}$/);
  });

  it('scales, and cannot autoscale', async () => {
    await cluster.kubectl.run(['scale', 'deploy/web', '--replicas=1']);
    await status();
    await eventually('one pod', async () => (await pods()).length === 1);
    await expect(cluster.kubectl.run(['autoscale', 'deploy/web', '--max=3'])).rejects.toThrow(
      /could not find the requested resource|no matches for kind|doesn't have a resource type/,
    );
  });

  it('drains a node, and what was there starts elsewhere', async () => {
    const before = (await pods())[0]?.spec.nodeName ?? '';
    await cluster.kubectl.run(['drain', before, '--timeout=90s']);
    const elsewhere = (await pods()).map(({ spec }) => spec.nodeName);
    expect(elsewhere).not.toContain(before);
    await status();
    await cluster.kubectl.run(['uncordon', before]);
  });

  it('says what keeps a pod from its node', async () => {
    const overrides = { spec: { nodeSelector: { planet: 'mars' } } };
    await cluster.kubectl.run([
      'run',
      'lost',
      '--image=example/app:1',
      `--overrides=${JSON.stringify(overrides)}`,
    ]);
    await eventually('the event', async () =>
      /Warning +FailedScheduling +\S+ +default-scheduler +0\/2 nodes are available: 2 node\(s\) didn't match Pod's node affinity\/selector\./.test(
        await cluster.kubectl.run(['describe', 'pod', 'lost']),
      ),
    );
    await cluster.kubectl.run(['label', 'node', 'paper-2', 'planet=mars']);
    await cluster.kubectl.run(['wait', '--for=condition=Ready', 'pod/lost', '--timeout=90s']);
    await cluster.kubectl.run(['delete', 'pod', 'lost', '--timeout=90s']);
  });

  it.each(['orphan', 'background', 'foreground'])(
    'deletes with what belongs to it: %s',
    async (cascade) => {
      const name = `with-${cascade}`;
      await cluster.kubectl.run(['create', 'deployment', name, '--image=example/app:1']);
      await rollout('status', `deploy/${name}`, '--timeout=90s');
      await cluster.kubectl.run([
        'delete',
        'deployment',
        name,
        `--cascade=${cascade}`,
        '--timeout=90s',
      ]);
      const left = (): Promise<string> =>
        cluster.kubectl.run(['get', 'rs,pods', '-l', `app=${name}`, '-o', 'name']);
      if (cascade === 'orphan')
        expect(await left()).toMatch(/^replicaset\S+\npod\S+\n$|^pod\S+\nreplicaset\S+\n$/);
      else await eventually('the end of its pods', async () => (await left()) === '');
      if (cascade === 'orphan')
        await cluster.kubectl.run(['delete', 'rs,pods', '-l', `app=${name}`, '--timeout=90s']);
    },
  );
});
