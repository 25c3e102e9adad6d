import { describe, expect, it } from 'vitest';
import { credentialsFor } from './image-access.ts';
import type { Entries } from './references.ts';

const secret = (auths: object, key = '.dockerconfigjson'): Entries =>
  new Map([[key, Buffer.from(JSON.stringify(key === '.dockercfg' ? auths : { auths }))]]);
const login = (user: string): object => ({ auth: Buffer.from(`${user}:p:w`).toString('base64') });
const users = (image: string, ...secrets: Entries[]): string[] =>
  credentialsFor(image, { secrets, missing: [] }).map(({ username }) => username);

describe('credentialsFor', () => {
  it.each([
    ['registry.example/team/app:1', 'registry.example', true],
    ['registry.example/team/app:1', 'https://registry.example/v1/', true],
    ['registry.example/team/app:1', 'registry.example/team', true],
    ['registry.example/team/app@sha256:00', 'registry.example/team/app', true],
    ['registry.example/teams/app:1', 'registry.example/team', false],
    ['registry.example:5000/app', 'registry.example:5000', true],
    ['registry.example:5000/app', 'registry.example', false],
    ['a.registry.example/app', '*.registry.example', true],
    ['a.b.registry.example/app', '*.registry.example', false],
    ['eu-1.registry.example/app', 'eu-*.registry.example', true],
    ['registryXexample/app', 'registry.example', false],
    ['busybox:1', 'https://index.docker.io/v1/', true],
    ['busybox:1', 'docker.io', true],
    ['docker.io/library/busybox', 'index.docker.io', true],
    ['me/app', 'registry.example', false],
    ['localhost/app', 'localhost', true],
  ])('lets %s be pulled with what is for %s: %j', (image, registry, is) => {
    expect(users(image, secret({ [registry]: login('u') }))).toEqual(is ? ['u'] : []);
  });

  it('tries the most particular first, of every Secret', () => {
    const broad = secret({ 'registry.example': login('all') });
    const narrow = secret({ 'registry.example/team': login('team') }, '.dockercfg');
    expect(users('registry.example/team/app', broad, narrow)).toEqual(['team', 'all']);
  });

  it('reads names and passwords, however they are written', () => {
    const auths = {
      'a.example': login('joined'),
      'b.example': { username: 'apart', password: 'word' },
      'c.example': { identitytoken: 'given' },
      'd.example': {},
    };
    const of = (image: string): unknown =>
      credentialsFor(image, { secrets: [secret(auths)], missing: [] });
    const [registry, password] = ['a.example', 'p:w'];
    expect(of('a.example/x')).toEqual([{ registry, username: 'joined', password }]);
    expect(of('b.example/x')).toMatchObject([{ username: 'apart', password: 'word' }]);
    expect(of('c.example/x')).toMatchObject([{ identityToken: 'given' }]);
    expect(of('d.example/x')).toEqual([]);
  });

  it('finds nothing in what holds nothing', () => {
    const broken = new Map([['.dockerconfigjson', Buffer.from('{')]]);
    expect(users('a.example/x', broken, new Map(), secret({}))).toEqual([]);
  });
});
