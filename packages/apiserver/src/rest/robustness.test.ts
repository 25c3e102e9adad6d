import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../json.ts';
import { builtins } from '../registry/builtins.ts';
import { StatusError } from '../status-error.ts';
import { restBench } from '../testing/rest-bench.ts';

/** JSON that often has the fields of a real object, seldom of the right type. */
const fields = [
  'metadata',
  'spec',
  'status',
  'data',
  'stringData',
  'labels',
  'annotations',
  'finalizers',
  'containers',
  'initContainers',
  'volumes',
  'name',
  'image',
  'ports',
  'env',
  'resources',
  'limits',
  'requests',
  'template',
  'selector',
  'matchLabels',
  'conditions',
  'names',
  'versions',
  'schema',
  'openAPIV3Schema',
  'properties',
  'rules',
  'subjects',
  'roleRef',
  'subsets',
  'replicas',
  'capacity',
  'livenessProbe',
  'httpGet',
  'configMap',
  'projected',
  'sources',
  'items',
  'jobTemplate',
  'podIP',
  'managedFields',
  'ownerReferences',
  'tolerations',
  'strategy',
  'nodeName',
  'toString',
  '__proto__',
];
const json = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 6, depthSize: 'large' },
    fc.constantFrom<Json>(null, true, 0, -1, 1.5, '', 'x', '100m', 'a.b/c', '2026-01-01T00:00:00Z'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...fields), tie('value'), { maxKeys: 6 }),
  ),
})).value;

const stored = builtins.filter(({ storage }) => storage !== '');

describe('whatever is sent', () => {
  it(
    'is accepted or refused by a Status, and never breaks the server',
    { timeout: 60_000 },
    async () => {
      await using bench = await restBench();
      await bench.ask('create', {
        resource: 'namespaces',
        body: { metadata: { name: 'default' } },
      });
      const attempt = async (request: Parameters<typeof bench.ask>): Promise<void> => {
        try {
          await bench.ask(...request);
        } catch (error) {
          if (!(error instanceof StatusError)) throw error;
          expect(error.status).toBeLessThan(500);
        }
      };
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...stored), json, json, async (row, body, change) => {
          const resource =
            row.group === '' ? row.plural : `${row.plural}.${row.group}/${row.version}`;
          const name = 'target';
          const base = typeof body === 'object' && !Array.isArray(body) ? body : {};
          await attempt(['create', { resource, body }]);
          await attempt(['create', { resource, body: { ...base, metadata: { name } } }]);
          for (const mediaType of ['merge-patch', 'strategic-merge-patch'])
            await attempt([
              'patch',
              { resource, name, body: change, mediaType: `application/${mediaType}+json` },
            ]);
          await attempt(['delete', { resource, name }]);
        }),
        { numRuns: 300 },
      );
    },
  );
});
