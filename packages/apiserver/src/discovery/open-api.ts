import { createHash } from 'node:crypto';
import type { JsonObject } from '../json.ts';
import { encodeOpenApiV2, openApiV2Protobuf } from '../openapi/encode-v2.ts';
import { openApiV2 } from '../openapi/open-api-v2.ts';
import { openApiV3, openApiV3Index } from '../openapi/open-api-v3.ts';
import { unknownPath } from '../refusals.ts';
import type { Registry } from '../registry/registry.ts';
import { gitVersion } from './server-version.ts';

/**
 * The documents below `/openapi`, each made when it is first asked for and again when the resources
 * have changed.
 *
 * @see https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-interface-definition
 */
export class OpenApiDocuments {
  readonly #registry: Registry;
  readonly #made = new Map<string, string | Uint8Array>();
  #generation = -1;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** JSON. Throws NotFound where there is no such document. */
  document(path: string): string | Uint8Array {
    return this.#once(path, () => JSON.stringify(this.#make(path)));
  }

  /** That of version 2 for clients that read no JSON. */
  encodedV2(): string | Uint8Array {
    return this.#once(openApiV2Protobuf, () =>
      encodeOpenApiV2(openApiV2(this.#registry.all, gitVersion)),
    );
  }

  #once(key: string, make: () => string | Uint8Array): string | Uint8Array {
    if (this.#generation !== this.#registry.generation) {
      this.#made.clear();
      this.#generation = this.#registry.generation;
    }
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.#made.set(key, made);
    return made;
  }

  #make(path: string): JsonObject {
    const { all } = this.#registry;
    if (path === '/openapi/v2') return openApiV2(all, gitVersion);
    if (path === '/openapi/v3') return openApiV3Index(all, tagOf(this.#registry));
    const match = /^\/openapi\/v3\/(?:api|apis\/([^/]+))\/([^/]+)$/.exec(path);
    const [, group = '', version = ''] = match ?? [];
    const resources = this.#registry.inVersion(group, version);
    if (!match || resources.length === 0) throw unknownPath();
    return openApiV3(resources, gitVersion);
  }
}

/** Differs whenever a document does: clients keep what they have read under the same tag. */
function tagOf({ all }: Registry): string {
  const hash = createHash('sha256').update(gitVersion);
  for (const { custom, version } of all) {
    const { uid = '', generation = 0 } = custom?.definition.metadata ?? {};
    hash.update(`${uid}/${generation}/${version}\n`);
  }
  return hash.digest('hex').toUpperCase();
}
