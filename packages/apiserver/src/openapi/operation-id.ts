const idWords = new Map([
  ['get', 'read'],
  ['post', 'create'],
  ['put', 'replace'],
  ['deletecollection', 'delete'],
]);

/** `operationId`, as the reference server makes it: `readCoreV1NamespacedPod`. */
export function operationId(
  action: string,
  { group, version, kind }: { group: string; version: string; kind: string },
  scope: '' | 'Namespaced',
  suffix: string,
): string {
  const first = capitalised(group === '' ? 'core' : camel(group));
  const many = action === 'deletecollection' ? 'Collection' : '';
  return `${idWord(action)}${first}${capitalised(version)}${many}${scope}${kind}${suffix}`;
}

function idWord(action: string): string {
  return idWords.get(action) ?? action;
}

/** `rbac.authorization.k8s.io` becomes `rbacAuthorization`, as operation ids have it. */
function camel(group: string): string {
  const [first = '', ...rest] = group.replace(/\.k8s\.io$/, '').split('.');
  return first + rest.map(capitalised).join('');
}

export function capitalised(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
