import { X509Certificate } from 'node:crypto';
import { askForCertificate } from '@skerry/shared/testing/signing-request';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { textAt, valueAt, type Json, type JsonObject } from './json.ts';
import { ask, type Question, type Reply } from './testing/https-client.ts';
import { serveApi, type ServedApi } from './testing/served-api.ts';

let api: ServedApi;

beforeAll(async () => {
  api = await serveApi();
});

afterAll(() => api[Symbol.asyncDispose]());

const put = (path: string, body: Json, more: Question = {}): Promise<Reply> =>
  ask(api, path, { method: 'PUT', body, ...more });
const post = (path: string, body: Json, more: Question = {}): Promise<Reply> =>
  ask(api, path, { method: 'POST', body, ...more });

describe('kinds of a site', () => {
  const kinds: readonly [string, JsonObject, string][] = [
    ['scheduling.k8s.io/v1/priorityclasses', { value: 2_000_000_000 }, 'value'],
    ['node.k8s.io/v1/runtimeclasses', { handler: 'No Handler' }, 'handler'],
    ['storage.k8s.io/v1/storageclasses', { provisioner: '' }, 'provisioner'],
    [
      'storage.k8s.io/v1/storageclasses',
      { provisioner: 'a.b/c', reclaimPolicy: 'x' },
      'reclaimPolicy',
    ],
    [
      'networking.k8s.io/v1/namespaces/default/networkpolicies',
      { spec: { podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/33' } }] }] } },
      'spec.ingress[0].from[0].ipBlock.cidr',
    ],
    [
      'discovery.k8s.io/v1/namespaces/default/endpointslices',
      { addressType: 'IPv4', endpoints: [{ addresses: ['::1'] }], ports: [] },
      'endpoints[0].addresses[0]',
    ],
    [
      'certificates.k8s.io/v1/certificatesigningrequests',
      { spec: { request: 'eA==', signerName: 'a.b/c', usages: [] } },
      'spec.request',
    ],
  ];

  it.each(kinds)('%s name the field that is wrong: %o', async (path, body, field) => {
    const { status, json } = await post(`/apis/${path}`, { metadata: { name: 'x' }, ...body });
    expect(status).toBe(422);
    expect(valueAt(json, 'details', 'causes')).toMatchObject([{ field }]);
  });

  it('have defaults, columns and fields that stay', async () => {
    const path = '/apis/storage.k8s.io/v1/storageclasses';
    const made = await post(path, { metadata: { name: 'slow' }, provisioner: 'a.b/c' });
    expect(made.json).toMatchObject({ reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' });
    const changed = { ...(made.json as JsonObject), provisioner: 'a.b/d' };
    expect((await put(`${path}/slow`, changed)).status).toBe(422);
    const accept = 'application/json;as=Table;g=meta.k8s.io;v=v1';
    const { json } = await ask(api, path, { headers: { accept } });
    expect(valueAt(json, 'rows')).toMatchObject([
      { cells: ['slow', 'a.b/c', 'Delete', 'Immediate', false, expect.any(String)] },
    ]);
  });
});

describe('an event', () => {
  it('is one object in both groups', async () => {
    const named = '/apis/events.k8s.io/v1/namespaces/default/events';
    const regarding = { kind: 'Pod', name: 'p', namespace: 'default' };
    const body = {
      ...{ metadata: { name: 'e' }, eventTime: '2026-01-01T00:00:00.000000Z', regarding },
      ...{ note: 'hello', reportingController: 'a.b/c', reportingInstance: 'i', action: 'A' },
      ...{ type: 'Normal', reason: 'R' },
    };
    expect((await post(named, body)).status).toBe(201);
    const core = await ask(api, '/api/v1/namespaces/default/events/e');
    expect(core.json).toMatchObject({
      apiVersion: 'v1',
      message: 'hello',
      involvedObject: regarding,
    });
    const { json } = await ask(api, `${named}?fieldSelector=reason%3DR`);
    expect(valueAt(json, 'items')).toMatchObject([{ note: 'hello', regarding }]);
  });
});

describe('a request for a client certificate', () => {
  const requests = '/apis/certificates.k8s.io/v1/certificatesigningrequests';

  async function request(
    name: string,
    subject: string,
  ): Promise<{ body: JsonObject; key: string }> {
    const { pem, key } = await askForCertificate(subject);
    const spec = {
      request: Buffer.from(pem).toString('base64'),
      signerName: 'kubernetes.io/kube-apiserver-client',
      usages: ['client auth'],
      expirationSeconds: 3600,
    };
    return { body: { metadata: { name }, spec }, key };
  }

  it('is answered once it is approved, with a certificate that proves the name', async () => {
    const { body, key } = await request('ann', 'O=team, CN=ann');
    const made = await post(requests, body);
    expect(valueAt(made.json, 'spec', 'username')).toBe('admin');
    const conditions = [{ type: 'Approved', status: 'True', reason: 'Test', message: 'yes' }];
    const approved = { ...(made.json as JsonObject), status: { conditions } };
    const client = await api.issue('bob', []);
    expect((await put(`${requests}/ann/approval`, approved, { client })).status).toBe(403);
    expect((await put(`${requests}/ann/approval`, approved)).status).toBe(200);
    const answered = async (): Promise<string> => {
      const { json } = await ask(api, `${requests}/ann`);
      return Buffer.from(textAt(json, 'status', 'certificate') ?? '', 'base64').toString();
    };
    await expect.poll(answered).toContain('BEGIN CERTIFICATE');
    const cert = await answered();
    expect(new X509Certificate(cert).subject).toBe('O=team\nCN=ann');
    const reviews = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
    const { json } = await post(reviews, {}, { client: { cert, key } });
    expect(valueAt(json, 'status', 'userInfo')).toMatchObject({
      username: 'ann',
      groups: ['team', 'system:authenticated'],
    });
  });

  it('is refused when it would make an administrator', async () => {
    const { body } = await request('chief', 'O=system:masters, CN=chief');
    expect((await post(requests, body)).status).toBe(403);
  });
});
