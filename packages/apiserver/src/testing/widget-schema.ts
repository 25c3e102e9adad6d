import type { Json } from '../json.ts';

/** What a CustomResourceDefinition says of an invented kind, with one field of every sort. */
export const widgetSchema: Readonly<Record<string, Json>> = {
  type: 'object',
  required: ['spec'],
  properties: {
    spec: {
      type: 'object',
      required: ['size'],
      properties: {
        any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        color: { type: 'string', default: 'red', enum: ['red', 'green'] },
        port: { 'x-kubernetes-int-or-string': true },
        size: { type: 'integer', maximum: 10, minimum: 1 },
        tags: { type: 'array', maxItems: 3, items: { type: 'string', pattern: '^[a-z]+$' } },
      },
    },
    status: { type: 'object', properties: { phase: { type: 'string' } } },
  },
};
