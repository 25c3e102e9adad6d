import { objectAt, type KubeObject } from '../json.ts';
import { ensureObject, fill } from './fill.ts';

/**
 * `stringData` is only for writing: it becomes `data`.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/secret-v1/
 */
export function defaultSecret(secret: KubeObject): void {
  fill(secret, { type: 'Opaque' });
  const texts = objectAt(secret, 'stringData');
  if (!texts) return;
  const data = ensureObject(secret, 'data');
  for (const [key, text] of Object.entries(texts))
    if (typeof text === 'string') data[key] = Buffer.from(text).toString('base64');
  delete secret['stringData'];
}
