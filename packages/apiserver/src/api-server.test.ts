import { once } from 'node:events';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthority, issueCertificate } from '@skerry/shared/pki';
import { PortInUse } from '@skerry/shared/listen';
import { systemClock } from '@skerry/shared/clock';
import { textAt, valueAt, type Json } from './json.ts';
import { ask, watchEvents } from './testing/https-client.ts';
import { plainDefinition } from './testing/plain-definition.ts';
import { serveApi, type ServedApi } from './testing/served-api.ts';

let api: ServedApi;

beforeAll(async () => {
  api = await serveApi();
});

afterAll(() => api[Symbol.asyncDispose]());

const configMaps = '/api/v1/namespaces/default/configmaps';
const configMap = (name: string, data: Json = {}): Json => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});

describe('who may do what', () => {
  it.each(['/livez', '/readyz', '/healthz', '/version'])('lets anyone read %s', async (path) => {
    expect((await ask(api, path, { client: null })).status).toBe(200);
  });

  it.each(['/api', '/apis', '/api/v1/namespaces/default/pods'])(
    'refuses %s to nobody in particular',
    async (path) => {
      const { status, json } = await ask(api, path, { client: null });
      expect([status, valueAt(json, 'reason')]).toEqual([403, 'Forbidden']);
    },
  );

  it('lets a node discover, and no more', async () => {
    const client = await api.issue('system:node:edge-1', ['system:nodes']);
    expect((await ask(api, '/apis', { client })).status).toBe(200);
    const { status, json } = await ask(api, '/api/v1/namespaces/default/pods', { client });
    expect(status).toBe(403);
    expect(valueAt(json, 'message')).toBe(
      'pods is forbidden: User "system:node:edge-1" cannot list resource "pods" in API group "" in the namespace "default"',
    );
  });

  it('answers honestly what a node may do', async () => {
    const client = await api.issue('system:node:edge-1', ['system:nodes']);
    const review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: { verb: 'list', resource: 'pods' } },
    };
    const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
    const asked = await ask(api, path, { method: 'POST', body: review, client });
    expect([asked.status, valueAt(asked.json, 'status', 'allowed')]).toEqual([201, false]);
    const admin = await ask(api, path, { method: 'POST', body: review });
    expect(valueAt(admin.json, 'status', 'allowed')).toBe(true);
  });

  it('refuses a certificate of another authority', async () => {
    const now = systemClock.now();
    const other = await createAuthority('somebody else', now);
    const client = await issueCertificate(
      other,
      { commonName: 'admin', organizations: ['system:masters'], usage: ['client'], days: 1 },
      now,
    );
    const { status, json } = await ask(api, '/livez', { client });
    expect([status, valueAt(json, 'reason')]).toEqual([401, 'Unauthorized']);
  });
});

describe('forms and bodies', () => {
  it('creates from YAML', async () => {
    const { status } = await ask(api, configMaps, {
      method: 'POST',
      headers: { 'content-type': 'application/yaml' },
      body: 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: from-yaml }\n',
    });
    expect(status).toBe(201);
  });

  it('gives clients that read no JSON the OpenAPI document of their time', async () => {
    const accept = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
    const { status, headers } = await ask(api, '/openapi/v2', { headers: { accept } });
    expect([status, headers['content-type']]).toEqual([200, accept.replace('@', '.')]);
    const plain = await ask(api, '/openapi/v2');
    expect(valueAt(plain.json, 'swagger')).toBe('2.0');
  });

  it('does nothing for a client that cannot read the answer', async () => {
    const { status } = await ask(api, configMaps, {
      method: 'POST',
      headers: { accept: 'application/vnd.kubernetes.protobuf' },
      body: configMap('unread'),
    });
    expect(status).toBe(406);
    expect((await ask(api, `${configMaps}/unread`)).status).toBe(404);
  });

  it('refuses a body of a type it does not know', async () => {
    const headers = { 'content-type': 'text/csv' };
    expect((await ask(api, configMaps, { method: 'POST', headers, body: 'a,b' })).status).toBe(415);
  });

  it('refuses a body without end', async () => {
    const body = configMap('huge', { a: 'x'.repeat(4 * 1024 * 1024) });
    const { status, json } = await ask(api, configMaps, { method: 'POST', body });
    expect([status, valueAt(json, 'reason')]).toEqual([413, 'RequestEntityTooLarge']);
  });

  it.each([
    ['lists', '['.repeat(100_000) + ']'.repeat(100_000)],
    ['objects', `{"data":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`],
  ])('refuses %s in one another without end', async (_what, body) => {
    const headers = { 'content-type': 'application/json' };
    const { status, json } = await ask(api, configMaps, { method: 'POST', headers, body });
    expect([status, valueAt(json, 'reason')]).toEqual([400, 'BadRequest']);
  });

  it.each([
    ['a list', []],
    ['metadata that is a text', { metadata: 'x' }],
    ['a label that is a number', { metadata: { name: 'x', labels: { a: 1 } } }],
    ['finalizers that are no list', { metadata: { name: 'x', finalizers: 'a' } }],
  ])('refuses %s as an object', async (_what, body) => {
    const { status, json } = await ask(api, configMaps, { method: 'POST', body });
    expect([status, valueAt(json, 'reason')]).toEqual([400, 'BadRequest']);
  });
});

describe('watch', () => {
  it('tells changes in order, and ends when the server closes', async () => {
    await using own = await serveApi();
    const { signal } = new AbortController();
    const listed = await ask(own, configMaps);
    const from = textAt(listed.json, 'metadata', 'resourceVersion') ?? '';
    const query = `watch=1&resourceVersion=${from}&labelSelector=mine`; // not the controllers'
    const events = watchEvents(own, `${configMaps}?${query}`, signal);
    for (const name of ['a', 'b', 'c']) {
      const body = { metadata: { name, labels: { mine: '' } } };
      await ask(own, configMaps, { method: 'POST', body });
    }
    const names: unknown[] = [];
    for await (const event of events) {
      names.push([valueAt(event, 'type'), valueAt(event, 'object', 'metadata', 'name')]);
      if (names.length === 3) void own[Symbol.asyncDispose]();
    }
    expect(names).toEqual([
      ['ADDED', 'a'],
      ['ADDED', 'b'],
      ['ADDED', 'c'],
    ]);
  });
});

describe('a long list', () => {
  it('comes whole in every form, and holds up nobody when its client does not read', async () => {
    const text = 'x'.repeat(100_000);
    const names = Array.from({ length: 60 }, (_, at) => `long-${at}`).toSorted();
    const path = '/api/v1/namespaces/kube-public/configmaps';
    for (const name of names)
      await ask(api, path, { method: 'POST', body: { metadata: { name }, data: { text } } });
    const { port } = new URL(api.url);
    const deaf = connect({ host: '127.0.0.1', port: Number(port), ca: api.ca, ...api.admin });
    deaf.on('error', () => undefined);
    deaf.pause();
    deaf.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await once(deaf, 'secureConnect');
    const meta = 'g=meta.k8s.io;v=v1';
    for (const [accept, of] of [
      ['application/json', 'items'],
      [`application/json;as=Table;${meta}`, 'rows'],
      [`application/json;as=PartialObjectMetadataList;${meta}`, 'items'],
    ] as const) {
      const { json } = await ask(api, path, { headers: { accept } });
      const listed = valueAt(json, of) as Json[];
      const found = listed.map((item) =>
        textAt(of === 'rows' ? valueAt(item, 'object') : item, 'metadata', 'name'),
      );
      expect(found.filter((name) => name?.startsWith('long-'))).toEqual(names);
    }
    deaf.destroy();
  });
});

describe('closing', () => {
  it('does not wait for a client that never finishes its request', async () => {
    await using own = await serveApi();
    const { port } = new URL(own.url);
    const socket = connect({ host: '127.0.0.1', port: Number(port), ca: own.ca, ...own.admin });
    socket.on('error', () => undefined);
    socket.write(`POST ${configMaps} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{`);
    await once(socket, 'secureConnect');
    await own[Symbol.asyncDispose]();
    socket.destroy();
  });
});

describe('opening', () => {
  it('gives everything back when its port is taken', async () => {
    await using own = await serveApi();
    await expect(own.serveAgainOn(Number(new URL(own.url).port))).rejects.toThrow(PortInUse);
    const other = await own.serveAgainOn(0);
    await other[Symbol.asyncDispose]();
  });
});

describe('custom resources', () => {
  it('are served from the moment their definition is accepted', async () => {
    const definition = plainDefinition('lamps', ['v1', 'v1beta1']);
    const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    expect((await ask(api, definitions, { method: 'POST', body: definition })).status).toBe(201);
    const lamps = (version: string): string =>
      `/apis/example.com/${version}/namespaces/default/lamps`;
    const body = { apiVersion: 'example.com/v1beta1', kind: 'Lamp', metadata: { name: 'l' } };
    expect((await ask(api, lamps('v1beta1'), { method: 'POST', body })).status).toBe(201);
    const other = await ask(api, `${lamps('v1')}/l`);
    expect(valueAt(other.json, 'apiVersion')).toBe('example.com/v1');
    const same = await ask(api, lamps('v1beta1'));
    expect(valueAt(same.json, 'items')).toMatchObject([{ apiVersion: 'example.com/v1beta1' }]);
  });
});
