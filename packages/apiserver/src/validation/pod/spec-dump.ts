import { isObject, member, type Json } from '../../json.ts';
import { structSchema } from '../../schema/builtin-schema.ts';
import type { Schema } from '../../schema/schema.ts';

/**
 * A pod's spec as the reference server prints it in the error about a forbidden update: every field,
 * empty or not, with Go's names, in the order of its internal structs. People compare such dumps, so
 * the order and the names are its own.
 */
export function dumpPodSpec(spec: Json): string[] {
  const schema = structSchema('io.k8s.api.core.v1.PodSpec') ?? {};
  const text = JSON.stringify(dump(internalForm(spec), internalSchema(schema)), null, 1);
  // Go's encoder escapes what could be taken for markup.
  return text.replace(/[<>&]/g, escaped).split('\n');
}

function escaped(character: string): string {
  return `\\u00${character.charCodeAt(0).toString(16)}`;
}

/** Fields of a pod's spec that the internal structs keep in its security context. */
const hostFields = ['hostNetwork', 'hostPID', 'hostIPC', 'shareProcessNamespace', 'hostUsers'];

function internalForm(spec: Json): Json {
  if (!isObject(spec)) return {};
  const context = member(spec, 'securityContext');
  const moved = hostFields.flatMap((field) => {
    const value = member(spec, field);
    return value === undefined ? [] : [[field, value] as const];
  });
  if (moved.length === 0) return spec;
  return {
    ...spec,
    securityContext: { ...Object.fromEntries(moved), ...(isObject(context) ? context : {}) },
  };
}

const podSpecOrder = [
  'volumes initContainers containers ephemeralContainers restartPolicy',
  'terminationGracePeriodSeconds activeDeadlineSeconds dnsPolicy nodeSelector serviceAccountName',
  'automountServiceAccountToken nodeName securityContext imagePullSecrets hostname subdomain',
  'setHostnameAsFQDN affinity schedulerName tolerations hostAliases priorityClassName priority',
  'preemptionPolicy dnsConfig readinessGates runtimeClassName overhead enableServiceLinks',
  'topologySpreadConstraints os schedulingGates resourceClaims resources hostnameOverride',
  'schedulingGroup',
].flatMap((line) => line.split(' '));

const volumeOrder = [
  'name hostPath emptyDir gcePersistentDisk awsElasticBlockStore gitRepo secret nfs iscsi glusterfs',
  'persistentVolumeClaim rbd quobyte flexVolume cinder cephfs flocker downwardAPI fc azureFile',
  'configMap vsphereVolume azureDisk photonPersistentDisk projected portworxVolume scaleIO storageos',
  'csi ephemeral image',
].flatMap((line) => line.split(' '));

function internalSchema(schema: Schema): Schema {
  const { properties = {} } = schema;
  const { securityContext = {} } = properties;
  const hosts = hostFields.map((field) => [field, properties[field] ?? {}] as const);
  const context = { ...Object.fromEntries(hosts), ...securityContext.properties };
  const moved = { ...properties, securityContext: { ...securityContext, properties: context } };
  return { ...schema, properties: inOrder(moved, podSpecOrder) };
}

function inOrder(
  properties: Readonly<Record<string, Schema>>,
  order: readonly string[],
): Record<string, Schema> {
  return Object.fromEntries(order.map((field) => [field, properties[field] ?? {}]));
}

function dump(value: Json | undefined, schema: Schema): Json {
  if (value === undefined || value === null) return emptyOf(schema);
  if (Array.isArray(value)) {
    const { items = {} } = schema;
    return value.length === 0 ? null : value.map((item) => dump(item, items));
  }
  if (!isObject(value)) return value;
  const properties = propertiesOf(schema);
  return properties
    ? Object.fromEntries(
        Object.entries(properties).map(([field, known]) => [
          goName(field),
          dump(member(value, field), known),
        ]),
      )
    : sorted(value);
}

function propertiesOf({
  definition,
  properties,
}: Schema): Readonly<Record<string, Schema>> | undefined {
  return definition === 'io.k8s.api.core.v1.Volume' && properties
    ? inOrder(properties, volumeOrder)
    : properties;
}

/** What a field holds that was not given; pointers, lists and maps hold nothing. */
function emptyOf(schema: Schema): Json {
  if (schema.whenEmpty === undefined) return null;
  if (schema.properties) return dump({}, schema);
  switch (schema.type) {
    case 'string':
      return schema.format === 'quantity' ? '0' : '';
    case 'boolean':
      return false;
    case 'integer':
      return 0;
    default:
      return null;
  }
}

function sorted(map: Record<string, Json>): Json {
  const entries = Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0 ? null : Object.fromEntries(entries);
}

/** Words that Go writes in capitals at the start of a name. */
const capitals =
  /^(dns|tty|tcp|http|grpc|se(?=Linux)|fs(?=Group|Type)|nfs|iscsi|rbd|fc|csi|os|ip|gce|aws|pd(?=Name|ID)|uid|iqn|gmsa)(?=[A-Z]|$)/;

const irregular: ReadonlyMap<string, string> = new Map([
  ['cephfs', 'CephFS'],
  ['storageos', 'StorageOS'],
]);

function goName(field: string): string {
  const name = irregular.get(field) ?? field.replace(capitals, (word) => word.toUpperCase());
  return name.slice(0, 1).toUpperCase() + name.slice(1);
}
