import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { usePaperCluster } from '../support/paper-cluster.ts';

/** Sets and jobs as people handle them, against controllers and a scheduler over the embedded API. */
describe('kubectl', () => {
  const cluster = usePaperCluster((pod) =>
    pod.startsWith('once') || pod.startsWith('copied') ? 'Succeeded' : 'Running',
  );
  const set = (kind: string, name: string, more: object): Promise<string> => {
    const labels = { app: name };
    const containers = [{ name: 'app', image: 'example/app:1' }];
    const template = { metadata: { labels }, spec: { containers } };
    const spec = { selector: { matchLabels: labels }, template, ...more };
    return cluster.kubectl.apply({ apiVersion: 'apps/v1', kind, metadata: { name }, spec });
  };
  const rollout = (...words: readonly string[]): Promise<string> =>
    cluster.kubectl.run(['rollout', ...words]);
  const status = (what: string): Promise<string> => rollout('status', what, '--timeout=90s');
  const images = (name: string): Promise<string> =>
    cluster.kubectl.run([
      'get',
      'pods',
      '-l',
      `app=${name}`,
      '-o',
      'jsonpath={.items[*].spec.containers[*].image}',
    ]);

  it.each([
    ['DaemonSet', 'ds/agent', {}, /^agent +2 +2 +2 +2 +2 /],
    ['StatefulSet', 'sts/db', { replicas: 2, serviceName: 'db' }, /^db +2\/2 /],
  ])('rolls a %s over, and back', async (kind, what, more, row) => {
    const [, name = ''] = what.split('/');
    await set(kind, name, more);
    await status(what);
    expect(await cluster.kubectl.run(['get', what, '--no-headers'])).toMatch(row);
    await cluster.kubectl.run(['set', 'image', what, 'app=example/app:2']);
    await status(what);
    expect(await images(name)).toBe('example/app:2 example/app:2');
    expect(await rollout('history', what)).toMatch(/\n1 .*\n2 /);
    await rollout('undo', what);
    await status(what);
    const back = 'example/app:1 example/app:1';
    await eventually('the old image', async () => (await images(name)) === back);
    expect(await rollout('history', what)).toMatch(/\n2 .*\n3 /);
    await cluster.kubectl.run(['delete', what, '--timeout=90s']);
  });

  it('runs a job to its end, and one made from a cron job', async () => {
    await cluster.kubectl.run(['create', 'job', 'once', '--image=example/app:1']);
    await cluster.kubectl.run(['wait', '--for=condition=Complete', 'job/once', '--timeout=90s']);
    expect(await cluster.kubectl.run(['get', 'job', 'once', '--no-headers'])).toMatch(
      /^once +Complete +1\/1 /,
    );
    await cluster.kubectl.run([
      'create',
      'cronjob',
      'nightly',
      '--image=example/app:1',
      '--schedule=0 3 * * *',
    ]);
    await cluster.kubectl.run(['create', 'job', 'copied', '--from=cronjob/nightly']);
    await cluster.kubectl.run(['wait', '--for=condition=Complete', 'job/copied', '--timeout=90s']);
    await cluster.kubectl.run(['delete', 'job', 'once', '--timeout=90s']);
    await eventually(
      'the end of its pods',
      async () => !(await cluster.kubectl.run(['get', 'pods', '-o', 'name'])).includes('once'),
    );
  });

  it('shows where a service leads', async () => {
    await cluster.kubectl.run([
      'create',
      'deployment',
      'web',
      '--image=example/app:1',
      '--port=8080',
    ]);
    await status('deploy/web');
    await cluster.kubectl.run(['expose', 'deployment', 'web', '--port=80', '--target-port=8080']);
    await eventually('its endpoints', async () =>
      /^web +10\.1\.0\.1:8080 /m.test(
        await cluster.kubectl.run(['get', 'endpoints', 'web', '--no-headers']),
      ),
    );
    await eventually('its slices', async () =>
      /Endpoints: +10\.1\.0\.1:8080/.test(
        await cluster.kubectl.run(['describe', 'service', 'web']),
      ),
    );
  });
});
