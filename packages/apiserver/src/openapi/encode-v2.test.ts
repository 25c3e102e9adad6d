import { describe, expect, it } from 'vitest';
import { readFields } from '../http/protobuf/wire.ts';
import type { JsonObject } from '../json.ts';
import { builtins } from '../registry/builtins.ts';
import { encodeOpenApiV2 } from './encode-v2.ts';
import { openApiV2 } from './open-api-v2.ts';

/** The values of a field of a message, which are messages or texts. */
function fields(bytes: Buffer | undefined, number: number): Buffer[] {
  const found = bytes ? [...readFields(bytes)] : [];
  return found.flatMap((one) => (one.number === number && one.type === 'bytes' ? [one.value] : []));
}

/** The value of a member by its name. */
function member(members: Buffer[], name: string): Buffer | undefined {
  const found = members.find((one) => fields(one, 1)[0]?.toString() === name);
  return fields(found, 2)[0];
}

describe('the encoded OpenAPI document', () => {
  const document = openApiV2(builtins, 'v1');
  const encoded = Buffer.from(encodeOpenApiV2(document));
  const definitions = fields(fields(encoded, 9)[0], 1);
  const pod = member(definitions, 'io.k8s.api.core.v1.Pod');

  it('has every definition, by its name', () => {
    const names = definitions.map((one) => fields(one, 1)[0]?.toString());
    expect(names).toEqual(Object.keys(document['definitions'] as JsonObject));
  });

  it('says which kind a definition is, and what its fields are', () => {
    const kinds = member(fields(pod, 31), 'x-kubernetes-group-version-kind');
    expect(JSON.parse(fields(kinds, 2)[0]?.toString() ?? '')).toEqual([
      { group: '', kind: 'Pod', version: 'v1' },
    ]);
    const spec = member(fields(fields(pod, 25)[0], 1), 'spec');
    expect(fields(spec, 1)[0]?.toString()).toBe('#/definitions/io.k8s.api.core.v1.PodSpec');
    const podSpec = member(definitions, 'io.k8s.api.core.v1.PodSpec');
    expect(fields(podSpec, 19).map(String)).toEqual(['containers']);
    const containers = member(fields(fields(podSpec, 25)[0], 1), 'containers');
    const [type] = fields(fields(containers, 22)[0], 1);
    expect(type?.toString()).toBe('array');
  });

  it('says that a patch can be tried', () => {
    const paths = fields(fields(encoded, 8)[0], 2);
    const patch = fields(member(paths, '/api/v1/namespaces/{namespace}/pods/{name}'), 8)[0];
    const names = fields(patch, 8).map((one) => {
      const query = fields(fields(fields(one, 1)[0], 2)[0], 3)[0];
      return fields(query, 4)[0]?.toString();
    });
    expect(names).toContain('dryRun');
  });
});
