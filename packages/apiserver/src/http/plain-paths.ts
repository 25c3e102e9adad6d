import { aggregatedDiscovery } from '../discovery/aggregated.ts';
import { coreVersions, groupList, groupOf, resourceList } from '../discovery/group-discovery.ts';
import type { OpenApiDocuments } from '../discovery/open-api.ts';
import { serverVersion } from '../discovery/server-version.ts';
import type { TokenSigner } from '../auth/token-signer.ts';
import type { JsonObject } from '../json.ts';
import { openApiV2Protobuf, wantsProtobuf } from '../openapi/encode-v2.ts';
import { unknownPath } from '../refusals.ts';
import type { Registry } from '../registry/registry.ts';
import { chooseForm } from './accept.ts';
import type { Reply } from './reply.ts';

const aggregatedType = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const healthPaths: readonly string[] = ['/healthz', '/livez', '/readyz'];

export interface PlainParts {
  readonly registry: Registry;
  readonly openApi: OpenApiDocuments;
  /** Absent: nobody signs tokens here. */
  readonly signer?: TokenSigner | undefined;
}

/** Answers a GET of a path that is no resource. */
export async function answerPlainPath(
  parts: PlainParts,
  pathname: string,
  accept: string,
): Promise<Reply> {
  const path = pathname.length > 1 && pathname.endsWith('/') ? pathname.slice(0, -1) : pathname;
  if (healthPaths.includes(path)) return { type: 'text/plain; charset=utf-8', body: 'ok' };
  if (path.startsWith('/openapi/')) return openApi(parts.openApi, path, accept);
  const aggregated = isAggregated(accept);
  if (path === '/api' && aggregated) return aggregate(parts.registry, 'core');
  if (path === '/apis' && aggregated) return aggregate(parts.registry, 'named');
  return json((await aboutTokens(parts.signer, path)) ?? describe(parts.registry, path));
}

function openApi(documents: OpenApiDocuments, path: string, accept: string): Reply {
  if (path === '/openapi/v2' && wantsProtobuf(accept))
    return { type: openApiV2Protobuf, body: documents.encodedV2() };
  return jsonText(documents.document(path));
}

/** What others need to verify the tokens of ServiceAccounts. */
async function aboutTokens(
  signer: TokenSigner | undefined,
  path: string,
): Promise<JsonObject | undefined> {
  if (!signer) return undefined;
  if (path === '/openid/v1/jwks') return await signer.keySet();
  return path === '/.well-known/openid-configuration' ? signer.configuration() : undefined;
}

function describe(registry: Registry, path: string): JsonObject {
  switch (path) {
    case '/':
      return { paths: rootPaths(registry) };
    case '/version':
      return serverVersion();
    case '/api':
      return coreVersions();
    case '/apis':
      return groupList(registry);
    default:
      return discoverGroup(registry, path);
  }
}

function discoverGroup(registry: Registry, path: string): JsonObject {
  const [, prefix, group = '', version] = path.split('/');
  if (prefix === 'api') return resourceList(registry, '', group);
  if (prefix !== 'apis') throw unknownPath();
  return version === undefined ? groupOf(registry, group) : resourceList(registry, group, version);
}

function isAggregated(accept: string): boolean {
  const wanted = chooseForm(
    accept,
    ({ as, group, version }) =>
      as === undefined ||
      (as === 'APIGroupDiscoveryList' && group === 'apidiscovery.k8s.io' && version === 'v2'),
  );
  return wanted.as !== undefined;
}

function aggregate(registry: Registry, which: 'core' | 'named'): Reply {
  return { type: aggregatedType, body: JSON.stringify(aggregatedDiscovery(registry, which)) };
}

function json(body: JsonObject): Reply {
  return jsonText(JSON.stringify(body));
}

function jsonText(body: string | Uint8Array): Reply {
  return { type: 'application/json', body };
}

function rootPaths(registry: Registry): string[] {
  const groups = registry.groups().flatMap(({ name, versions }) => {
    const root = name === '' ? '/api' : `/apis/${name}`;
    return [root, ...versions.map((version) => `${root}/${version}`)];
  });
  return [
    ...new Set([...groups, '/apis', ...healthPaths, '/openapi/v2', '/openapi/v3', '/version']),
  ].sort();
}
