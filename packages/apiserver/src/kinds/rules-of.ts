import type { Resource } from '../registry/resource.ts';
import { definitionRules } from './definition.ts';
import type { KindRules } from './kind-rules.ts';
import { namespaceRules } from './namespace.ts';
import { podRules } from './pod.ts';

const builtinRules: Readonly<Record<string, KindRules>> = {
  namespaces: namespaceRules,
  pods: podRules,
  'customresourcedefinitions.apiextensions.k8s.io': definitionRules,
};
const noRules: KindRules = {};

/** The rules of a resource; most have none. */
export function rulesOf({ storage }: Pick<Resource, 'storage'>): KindRules {
  return builtinRules[storage] ?? noRules;
}
