import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '@skerry/shared/log';
import { noMetrics } from '@skerry/shared/metrics';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KnownTokens } from '../auth/token-file.ts';
import type { JsonObject } from '../json.ts';
import { ask } from '../testing/https-client.ts';
import { serveApi, type ServedApi } from '../testing/served-api.ts';
import { AuditFile, maxWaitingBytes, type AuditLimits } from './audit-file.ts';

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'skerry-audit-'));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

async function eventsIn(path: string): Promise<JsonObject[]> {
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as JsonObject);
}

describe('an API server with an audit log', () => {
  const tokens = new KnownTokens([
    ['of-ann', { name: 'ann', uid: '1', groups: ['system:masters', 'system:authenticated'] }],
    ['of-bo', { name: 'bo', uid: '2', groups: ['system:authenticated'] }],
  ]);
  const configMaps = '/api/v1/namespaces/default/configmaps';
  let events: JsonObject[];

  /** The events of requests to a path, by what was asked. */
  const of = (verb: string, uri: string): JsonObject[] =>
    events.filter((event) => event['verb'] === verb && event['requestURI'] === uri);

  beforeAll(async () => {
    const path = join(directory, 'served.log');
    const auditLog = { path, fileBytes: 1_000_000, backups: 1 };
    const api: ServedApi = await serveApi('api', { auditLog, knownTokens: tokens });
    const by = (token: string): { client: null; headers: Record<string, string> } => ({
      client: null,
      headers: { authorization: `Bearer ${token}`, 'user-agent': 'tester/1.0' },
    });
    const body = { metadata: { name: 'site' }, data: { secret: 'kept-out' } };
    await ask(api, configMaps, { ...by('of-ann'), method: 'POST', body });
    await ask(api, `${configMaps}/site`, by('of-bo'));
    await ask(api, `${configMaps}/gone`, by('of-ann'));
    await ask(api, configMaps, by('of-nobody'));
    await ask(api, '/version', by('of-ann'));
    const { headers } = by('of-ann');
    await ask(api, `${configMaps}/site`, {
      ...{ client: null, method: 'DELETE' },
      headers: { ...headers, 'impersonate-user': 'cy', 'audit-id': 'mine' },
    });
    await ask(api, `${configMaps}?watch=1&timeoutSeconds=1`, by('of-ann')).catch(() => undefined); // lines, not one JSON
    await api[Symbol.asyncDispose]();
    events = await eventsIn(path);
  });

  it('writes down who did what to which object, and no more of it', () => {
    const [event] = of('create', configMaps);
    expect(event).toMatchObject({
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: 'Metadata',
      stage: 'ResponseComplete',
      user: { username: 'ann', uid: '1' },
      userAgent: 'tester/1.0',
      sourceIPs: ['127.0.0.1'],
      objectRef: { resource: 'configmaps', namespace: 'default', apiVersion: 'v1' },
      responseStatus: { code: 201 },
      annotations: { 'authorization.k8s.io/decision': 'allow' },
    });
    expect(JSON.stringify(events)).not.toContain('kept-out');
  });

  it('says who was not allowed, or not known, and what was not there', () => {
    expect(of('get', `${configMaps}/site`)).toMatchObject([
      {
        user: { username: 'bo' },
        responseStatus: { code: 403, reason: 'Forbidden' },
        annotations: { 'authorization.k8s.io/decision': 'forbid' },
      },
    ]);
    expect(of('get', `${configMaps}/gone`)).toMatchObject([
      { responseStatus: { code: 404, status: 'Failure', reason: 'NotFound' } },
    ]);
    expect(of('get', configMaps)).toMatchObject([{ user: {}, responseStatus: { code: 401 } }]);
  });

  it('names both sides of an impersonation, and keeps the id that a client gives', () => {
    expect(of('delete', `${configMaps}/site`)).toMatchObject([
      { auditID: 'mine', user: { username: 'ann' }, impersonatedUser: { username: 'cy' } },
    ]);
  });

  it('tells of a watch when it begins and when it ends', () => {
    const stages = of('watch', `${configMaps}?watch=1&timeoutSeconds=1`);
    expect(stages.map(({ stage }) => stage)).toEqual(['ResponseStarted', 'ResponseComplete']);
    expect(new Set(stages.map(({ auditID }) => auditID)).size).toBe(1);
  });

  it('also tells of paths that are no resources', () => {
    expect(of('get', '/version')).toMatchObject([{ responseStatus: { code: 200 } }]);
  });
});

describe('the file of an audit log', () => {
  const open = (name: string, limits: AuditLimits): Promise<AuditFile> =>
    AuditFile.open({ path: join(directory, name), limits, metrics: noMetrics, log: silentLog });

  it('makes room for another when it is full, and keeps as many as it is told', async () => {
    const limits = { fileBytes: 100, backups: 2 };
    for (let at = 1; at <= 5; at++) {
      await using file = await open('rotated.log', limits); // goes on with what is there
      file.write({ at, text: 'x'.repeat(60) });
    }
    const names = (await readdir(directory)).filter((name) => name.startsWith('rotated'));
    expect(names.sort()).toEqual(['rotated.log', 'rotated.log.1', 'rotated.log.2']);
    const [newest] = await eventsIn(join(directory, 'rotated.log'));
    const [oldest] = await eventsIn(join(directory, 'rotated.log.2'));
    expect([newest?.['at'], oldest?.['at']]).toEqual([5, 3]);
  });

  it('drops what the disk does not take in time', async () => {
    const path = join(directory, 'slow.log');
    const limits = { fileBytes: 100_000_000, backups: 0 };
    const text = 'x'.repeat(maxWaitingBytes / 4);
    {
      await using file = await open('slow.log', limits);
      for (let at = 0; at < 10; at++) file.write({ at, text });
    }
    expect((await eventsIn(path)).map(({ at }) => at)).toEqual([0, 1, 2]);
  });

  it('is refused where it cannot be written', async () => {
    await expect(open('nowhere/audit.log', { fileBytes: 1, backups: 0 })).rejects.toThrow(
      'cannot be written',
    );
  });
});
