import { fileURLToPath } from 'node:url';
import { serveApi, type ServedApi } from '@skerry/apiserver/testing/served-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Kubectl } from '../support/kubectl.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const example = `${root}examples/judgement/site-health.yaml`;

const everySource = `
apiVersion: edge.skerry.io/v1alpha1
kind: StatusJudgement
metadata: { name: every-source }
spec:
  nodeName: edge-1
  verifyStart: true
  windowSeconds: 90
  verdicts: [{ atLeast: 0.9, verdict: Ready }, { atLeast: 0.2, verdict: Degraded }]
  units:
    - { name: cpu, source: { cpu: {} }, threshold: 90, comparison: '<', range: { min: 0, max: 100 } }
    - { name: memory, source: { memory: { measure: usedPercent } }, threshold: 90, comparison: '<' }
    - { name: disk, source: { disk: { path: /var, measure: inodesAvailable } }, threshold: 1000 }
    - { name: load, source: { load: { minutes: 15, perCore: true } }, mode: score, comparison: '<=', threshold: 1 }
    - { name: temperature, source: { temperature: { sensor: x86_pkg_temp } }, threshold: 80, comparison: '<' }
    - { name: clock, source: { clockOffset: { server: ntp.example } }, threshold: 500, comparison: '<=' }
    - { name: gateway, source: { icmp: { host: 192.0.2.1, measure: milliseconds } }, threshold: 50, comparison: '<' }
    - { name: plc, source: { tcp: { host: plc.example, port: 502 } }, threshold: 1 }
    - { name: web, source: { http: { url: 'http://127.0.0.1/healthz' } }, threshold: 1 }
    - { name: names, source: { dns: { name: example.com, server: 192.0.2.53 } }, threshold: 1 }
    - { name: hub, source: { hub: { measure: outboxAgeSeconds } }, threshold: 600, comparison: '<=' }
    - { name: engine, source: { engine: { runtime: docker } }, threshold: 1, required: true, weight: 5 }
    - { name: workload, source: { container: { podLabels: { app: web }, measure: restarts } }, threshold: 3, comparison: '<' }
    - { name: errors, source: { log: { file: /var/log/plant.log, pattern: ERROR, windowSeconds: 600 } }, threshold: 5, comparison: '<' }
    - { name: oven, source: { device: { name: oven, property: temperature, measure: ageSeconds } }, threshold: 60, comparison: '<' }
    - { name: certificate, source: { certificate: {} }, threshold: 7 }
    - { name: own, source: { command: { command: [/usr/bin/true] } }, threshold: 0, comparison: '==', rule: { operator: in, results: ['01', '--'] } }
`;

describe('the kind of judgements', () => {
  let api: ServedApi;
  let kubectl: Kubectl;

  beforeAll(async () => {
    api = await serveApi();
    kubectl = new Kubectl(api.kubeconfig);
    await kubectl.run(['apply', '-f', `${root}deploy/crds/edge.skerry.io_statusjudgements.yaml`]);
    const definition = 'statusjudgements.edge.skerry.io';
    await kubectl.run(['wait', '--for=condition=Established', 'crd', definition]);
  });
  afterAll(() => api[Symbol.asyncDispose]());

  it('takes every source, strictly', async () => {
    await kubectl.run(['apply', '--validate=strict', '-f', '-'], everySource);
    const { spec } = await kubectl.json<{ spec: { units: object[] } }>('get', 'sj', 'every-source');
    expect(spec.units).toHaveLength(17);
  });

  it('takes the example, and shows in columns how its nodes fare', async () => {
    await kubectl.run(['apply', '--validate=strict', '-f', example]);
    const ready = { type: 'Ready', status: 'False', message: '2 Ready, 1 Blocked' };
    const status = { conditions: [ready], nodes: [{ name: 'edge-1', verdict: 'Blocked', z: 0 }] };
    const patch = ['--subresource=status', '--type=merge', '-p', JSON.stringify({ status })];
    await kubectl.run(['patch', 'judgement', 'site-health', ...patch]);
    const table = await kubectl.run(['get', 'sj', 'site-health']);
    expect(table).toMatch(/NAME +READY +SUMMARY +AGE/);
    expect(table).toMatch(/site-health +False +2 Ready, 1 Blocked +\d+s/);
  });

  it.each([
    ['two sources', 'source: { cpu: {} }', 'source: { cpu: {}, memory: {} }', /exactly one source/],
    ['no source', 'source: { cpu: {} }', 'source: {}', /exactly one source/],
    ['a score without direction', "comparison: '<='", "comparison: '=='", /direction/],
    ['no threshold', 'threshold: 7 }', '}', /threshold/],
    [
      'a name and a selector',
      'nodeName: edge-1',
      'nodeName: edge-1\n  nodeSelector: {}',
      /exclude/,
    ],
    ['a pod without a name', 'podLabels: { app: web }', 'container: main', /pod or podLabels/],
    ['a log of nothing', 'file: /var/log/plant.log, ', '', /file, journal and container/],
    ['a rule that takes scores', "operator: in, results: ['01', '--']", "operator: '>='", /score/],
    ['a unit twice', 'name: memory', 'name: cpu', /[Dd]uplicate/],
    ['a verdict of its own', 'verdict: Degraded', 'verdict: Splendid', /Splendid|verdict/],
  ])('refuses %s', async (_what, right, wrong, why) => {
    const broken = everySource.replace(right, wrong);
    expect(broken).not.toBe(everySource);
    await expect(kubectl.run(['apply', '-f', '-'], broken)).rejects.toThrow(why);
  });
});
