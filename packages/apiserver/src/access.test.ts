import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { textAt, valueAt, type Json, type JsonObject } from './json.ts';
import { ask, type Reply } from './testing/https-client.ts';
import { serveApi, type ServedApi } from './testing/served-api.ts';

let api: ServedApi;

beforeAll(async () => {
  api = await serveApi();
});

afterAll(() => api[Symbol.asyncDispose]());

const rbac = '/apis/rbac.authorization.k8s.io/v1';
const inDefault = '/api/v1/namespaces/default';

async function make(path: string, body: JsonObject, status = 201): Promise<Json> {
  const made = await ask(api, path, { method: 'POST', body });
  expect(made.status, made.text).toBe(status);
  return made.json;
}

/** Asks as the ServiceAccount `name` of the namespace default, with a token of its own. */
async function askAs(name: string, path: string, body?: JsonObject): Promise<Reply> {
  const asked = await make(`${inDefault}/serviceaccounts/${name}/token`, { spec: {} });
  const token = textAt(asked, 'status', 'token') ?? '';
  return ask(api, path, {
    client: null,
    headers: { authorization: `Bearer ${token}` },
    ...(body ? { method: 'POST', body } : {}),
  });
}

function bindTo(account: string, name: string, role: string): JsonObject {
  return {
    metadata: { name },
    subjects: [{ kind: 'ServiceAccount', name: account, namespace: 'default' }],
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
  };
}

describe('a ServiceAccount', () => {
  it('may do what its roles say where they say it, and no more', async () => {
    await make(`${inDefault}/serviceaccounts`, { metadata: { name: 'viewer' } });
    expect((await askAs('viewer', `${inDefault}/pods`)).status).toBe(403);
    await make(`${rbac}/namespaces/default/rolebindings`, bindTo('viewer', 'see', 'view'));
    expect((await askAs('viewer', `${inDefault}/pods`)).status).toBe(200);
    expect((await askAs('viewer', `${inDefault}/secrets`)).status).toBe(403);
    expect((await askAs('viewer', '/api/v1/namespaces/kube-system/pods')).status).toBe(403);
    expect((await askAs('viewer', '/api/v1/pods')).status).toBe(403);
  });

  it('is told what it may do', async () => {
    await make(`${inDefault}/serviceaccounts`, { metadata: { name: 'curious' } });
    const rules = '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews';
    const { json } = await askAs('curious', rules, { spec: { namespace: 'default' } });
    expect(valueAt(json, 'status', 'resourceRules')).toContainEqual({
      verbs: ['create'],
      apiGroups: ['authentication.k8s.io'],
      resources: ['selfsubjectreviews'],
    });
  });

  it('is refused with a token that is none', async () => {
    const headers = { authorization: 'Bearer x.y.z' };
    expect((await ask(api, '/api', { client: null, headers })).status).toBe(401);
  });

  it('cannot give away what it does not have', async () => {
    await make(`${inDefault}/serviceaccounts`, { metadata: { name: 'chief' } });
    await make(`${rbac}/namespaces/default/rolebindings`, bindTo('chief', 'chief', 'admin'));
    const roles = `${rbac}/namespaces/default/roles`;
    const role = (resource: string): JsonObject => ({
      metadata: { name: resource },
      rules: [{ verbs: ['get'], apiGroups: [''], resources: [resource] }],
    });
    expect((await askAs('chief', roles, role('pods'))).status).toBe(201);
    const refused = await askAs('chief', roles, role('nodes'));
    expect([refused.status, refused.text]).toEqual([
      403,
      expect.stringContaining('not currently held'),
    ]);
    const bindings = `${rbac}/namespaces/default/rolebindings`;
    const all = bindTo('chief', 'all', 'cluster-admin');
    expect((await askAs('chief', bindings, all)).status).toBe(403);
    expect((await askAs('chief', bindings, bindTo('chief', 'again', 'view'))).status).toBe(201);
  });
});

describe('roles made of others', () => {
  it('take up the rules of a role with their label', async () => {
    const labels = { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' };
    const rules = [{ verbs: ['get'], apiGroups: ['example.com'], resources: ['lamps'] }];
    await make(`${rbac}/clusterroles`, { metadata: { name: 'lamps', labels }, rules });
    await make(`${inDefault}/serviceaccounts`, { metadata: { name: 'lit' } });
    await make(`${rbac}/namespaces/default/rolebindings`, bindTo('lit', 'lit', 'admin'));
    const reviews = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
    const spec = {
      user: 'system:serviceaccount:default:lit',
      resourceAttributes: {
        ...{ verb: 'get', group: 'example.com', resource: 'lamps', namespace: 'default' },
      },
    };
    await expect
      .poll(async () => valueAt(await make(reviews, { spec }), 'status', 'allowed'), {
        timeout: 20_000,
      })
      .toBe(true);
  });
});

describe('acting as somebody else', () => {
  it('is what an administrator may, and shows what that one may', async () => {
    const headers = { 'impersonate-user': 'ann', 'impersonate-group': 'team' };
    expect((await ask(api, `${inDefault}/pods`, { headers })).status).toBe(403);
    const reviews = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
    const { json } = await ask(api, reviews, { method: 'POST', body: {}, headers });
    expect(valueAt(json, 'status', 'userInfo')).toEqual({
      username: 'ann',
      groups: ['team', 'system:authenticated'],
    });
  });

  it('is refused to those who may not', async () => {
    const client = await api.issue('ann', ['team']);
    const headers = { 'impersonate-user': 'bob' };
    const { status, text } = await ask(api, '/api', { client, headers });
    expect([status, text]).toEqual([403, expect.stringContaining('cannot impersonate')]);
  });
});

describe('a new pod', () => {
  const pod = (name: string, spec: JsonObject = {}): JsonObject => ({
    metadata: { name },
    spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
  });

  it('gets the token of its account where clients look for it', async () => {
    await make('/api/v1/namespaces', { metadata: { name: 'fresh' } });
    const made = await make('/api/v1/namespaces/fresh/pods', pod('p'));
    const [volume] = valueAt(made, 'spec', 'volumes') as Json[];
    expect(textAt(volume, 'name')).toMatch(/^kube-api-access-.{5}$/);
    expect(valueAt(made, 'spec', 'containers')).toMatchObject([
      { volumeMounts: [{ mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }] },
    ]);
  });

  it('does not when it asks for none, or its account does', async () => {
    const made = await make(`${inDefault}/pods`, pod('q', { automountServiceAccountToken: false }));
    expect(valueAt(made, 'spec', 'volumes')).toBeUndefined();
    const body = { metadata: { name: 'shy' }, automountServiceAccountToken: false };
    await make(`${inDefault}/serviceaccounts`, body);
    const shy = await make(`${inDefault}/pods`, pod('r', { serviceAccountName: 'shy' }));
    expect(valueAt(shy, 'spec', 'volumes')).toBeUndefined();
  });

  it('is refused when there is no such account', async () => {
    const refused = await make(`${inDefault}/pods`, pod('s', { serviceAccountName: 'no' }), 403);
    expect(textAt(refused, 'message')).toContain('serviceaccount "no" not found');
  });
});

describe('a review of a token', () => {
  it('says whose it is, and whether it is good', async () => {
    const reviews = '/apis/authentication.k8s.io/v1/tokenreviews';
    const asked = await make(`${inDefault}/serviceaccounts/default/token`, { spec: {} });
    const token = textAt(asked, 'status', 'token') ?? '';
    expect(valueAt(await make(reviews, { spec: { token } }), 'status')).toMatchObject({
      authenticated: true,
      user: { username: 'system:serviceaccount:default:default' },
    });
    const other = await make(reviews, { spec: { token: 'no' } });
    expect(valueAt(other, 'status', 'authenticated')).toBeUndefined();
  });
});
