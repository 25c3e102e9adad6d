import { isObject, listAt, type Json, type JsonObject } from '../json.ts';
import type { Attributes } from './authorize.ts';

/**
 * What may be done to which resources, or to which paths.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/rbac/#api-overview
 */
export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames: readonly string[];
  readonly nonResourceURLs: readonly string[];
}

/** The rules of a Role or ClusterRole. */
export function rulesIn(role: Json): readonly PolicyRule[] {
  return listAt(role, 'rules').filter(isObject).map(readRule);
}

export function readRule(rule: JsonObject): PolicyRule {
  const texts = (field: string): string[] =>
    listAt(rule, field).filter((item) => typeof item === 'string');
  return {
    verbs: texts('verbs'),
    apiGroups: texts('apiGroups'),
    resources: texts('resources'),
    resourceNames: texts('resourceNames'),
    nonResourceURLs: texts('nonResourceURLs'),
  };
}

/** The rule as an object holds it: without what it does not say. */
export function printRule(rule: PolicyRule): JsonObject {
  const { verbs, ...rest } = rule;
  const said = Object.entries(rest).filter(
    ([, list]: [string, readonly string[]]) => list.length > 0,
  );
  return {
    verbs: [...verbs],
    ...Object.fromEntries(
      said.map(([field, list]: [string, readonly string[]]) => [field, [...list]]),
    ),
  };
}

export function allows(rule: PolicyRule, attributes: Attributes): boolean {
  if (!includes(rule.verbs, attributes.verb)) return false;
  if ('path' in attributes)
    return rule.nonResourceURLs.some((url) => coversPath(url, attributes.path));
  return (
    includes(rule.apiGroups, attributes.group) &&
    rule.resources.some((resource) => coversResource(resource, attributes.resource)) &&
    (rule.resourceNames.length === 0 || rule.resourceNames.includes(attributes.name))
  );
}

/**
 * The parts of `wanted` that no rule of `held` covers, each as small as can be: one verb of one resource,
 * or of one path. Nobody may give away what this finds.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping
 */
export function uncovered(
  held: readonly PolicyRule[],
  wanted: readonly PolicyRule[],
): readonly PolicyRule[] {
  return wanted
    .flatMap(breakDown)
    .filter((single) => !held.some((rule) => coversSingle(rule, single)));
}

function breakDown(rule: PolicyRule): readonly PolicyRule[] {
  const none = { apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: [] };
  const names = rule.resourceNames.length === 0 ? [[]] : rule.resourceNames.map((name) => [name]);
  return rule.verbs.flatMap((verb) => [
    ...rule.nonResourceURLs.map((url) => ({ ...none, verbs: [verb], nonResourceURLs: [url] })),
    ...rule.apiGroups.flatMap((group) =>
      rule.resources.flatMap((resource) =>
        names.map((resourceNames) => ({
          ...none,
          verbs: [verb],
          apiGroups: [group],
          resources: [resource],
          resourceNames,
        })),
      ),
    ),
  ]);
}

function coversSingle(rule: PolicyRule, single: PolicyRule): boolean {
  const [verb = ''] = single.verbs;
  const [url] = single.nonResourceURLs;
  if (!includes(rule.verbs, verb)) return false;
  if (url !== undefined) return rule.nonResourceURLs.some((own) => coversPath(own, url));
  const [group = ''] = single.apiGroups;
  const [resource = ''] = single.resources;
  const [name] = single.resourceNames;
  return (
    includes(rule.apiGroups, group) &&
    rule.resources.some((own) => coversResource(own, resource)) &&
    (rule.resourceNames.length === 0 || (name !== undefined && rule.resourceNames.includes(name)))
  );
}

function includes(list: readonly string[], item: string): boolean {
  return list.includes('*') || list.includes(item);
}

// A star is every resource; a star with a part, as "*/scale", that part of every resource.
function coversResource(own: string, wanted: string): boolean {
  if (own === '*' || own === wanted) return true;
  const [, part] = wanted.split('/');
  return part !== undefined && own === `*/${part}`;
}

function coversPath(own: string, wanted: string): boolean {
  if (own === '*' || own === wanted) return true;
  return own.endsWith('*') && wanted.startsWith(own.slice(0, -1));
}
