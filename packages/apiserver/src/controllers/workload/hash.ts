import { isObject, type Json } from '../../json.ts';

const letters = 'bcdfghjklmnpqrstvwxz2456789';

/**
 * A short name for a template and how many times its name was taken before: equal templates have equal
 * names, whatever the order of their fields. Ten letters at most that spell no word, as Kubernetes' own;
 * which ones is ours to choose.
 */
export function templateHash(template: Json, collisions = 0): string {
  const sum = fnv1a(`${canonical(template)}${collisions === 0 ? '' : `#${collisions}`}`);
  return Array.from(String(sum), (digit) => letters[digit.charCodeAt(0) % letters.length]).join('');
}

function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const fields = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${canonical(field)}`).join(',')}}`;
}

/** FNV-1a, 32 bits, over UTF-8. */
function fnv1a(text: string): number {
  let sum = 0x811c9dc5;
  for (const byte of Buffer.from(text)) sum = Math.imul(sum ^ byte, 0x01000193) >>> 0;
  return sum;
}
