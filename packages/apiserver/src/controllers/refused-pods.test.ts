import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../json.ts';
import { clusterBench } from '../testing/cluster-bench.ts';
import { pods } from './client/kinds.ts';

const labels = { app: 'a' };
const template = {
  metadata: { labels },
  spec: { serviceAccountName: 'robot', containers: [{ name: 'c', image: 'x' }] },
};
const selector = { matchLabels: labels };
const ofJob = { spec: { ...template.spec, restartPolicy: 'Never' } };

const owners: readonly (readonly [string, JsonObject])[] = [
  ['replicasets.apps/v1', { replicas: 1, selector, template }],
  ['deployments.apps/v1', { replicas: 1, selector, template }],
  ['daemonsets.apps/v1', { selector, template }],
  ['statefulsets.apps/v1', { replicas: 1, serviceName: 's', selector, template }],
  ['jobs.batch/v1', { template: ofJob }],
  ['cronjobs.batch/v1', { schedule: '* * * * *', jobTemplate: { spec: { template: ofJob } } }],
];

describe('pods that the API refuses', () => {
  it.each(owners)('are tried again by %s, until it takes them', async (resource, spec) => {
    await using cluster = await clusterBench({ mountsTokens: true });
    const { bench } = cluster;
    await bench.ask('create', { resource: 'nodes', body: { metadata: { name: 'n' } } });
    await bench.ask('create', { resource, body: { metadata: { name: 'o' }, spec } });
    let seconds = 0;
    await cluster.until(() => seconds++ > 120);
    expect(cluster.all(pods)).toEqual([]);
    await bench.ask('create', {
      resource: 'serviceaccounts',
      body: { metadata: { name: 'robot' } },
    });
    await cluster.until(() => cluster.all(pods).length > 0);
  });
});
