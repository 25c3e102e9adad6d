import type { JsonObject } from '@skerry/apiserver/json';
import type { PropertyTwin, Stated, Twin } from '../twin.ts';

/** One property as device programs see it: `{expected, actual, metadata}`. */
export function viewProperty({ type, desired, reported }: PropertyTwin): JsonObject {
  return {
    ...(desired && { expected: viewStated(desired) }),
    ...(reported && { actual: viewStated(reported) }),
    metadata: { type: type.toLowerCase() },
  };
}

/** Several properties by name; all of them unless `names` are given. */
export function viewTwin(twin: Twin, names: Iterable<string> = twin.keys()): JsonObject {
  const views = [...names].flatMap((name) => {
    const held = twin.get(name);
    return held ? [[name, viewProperty(held)] as const] : [];
  });
  return Object.fromEntries(views);
}

function viewStated({ value, sourceTime, receivedAt }: Stated): JsonObject {
  return { value, metadata: { timestamp: sourceTime ?? receivedAt } };
}
