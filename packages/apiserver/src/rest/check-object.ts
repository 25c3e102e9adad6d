import type { KubeObject } from '../json.ts';
import { rulesOf } from '../kinds/rules-of.ts';
import { invalid } from '../refusals.ts';
import { validateSchema } from '../schema/validate-schema.ts';
import { validateObject } from '../validation/validate-object.ts';
import type { Call } from './call.ts';

/** Throws Invalid with every rule that an object breaks, on its own or as the successor of `held`. */
export function checkObject(call: Call, object: KubeObject, held?: KubeObject): void {
  const { group, kind, custom } = call.resource;
  const errors = [
    ...validateObject(group, kind, object, held),
    ...(custom ? validateSchema(object, custom.schema, '') : []),
    ...(rulesOf(call.resource).validate?.(object) ?? []),
  ];
  // Expressions may count on what the rest of the schema promises.
  if (errors.length === 0 && custom)
    errors.push(...custom.rules.check(object, custom.schema, held));
  const [first] = errors;
  if (first) throw invalid({ group, kind, name: object.metadata.name ?? '' }, errors);
}
