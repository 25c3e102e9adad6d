import { localProvisioner } from '@skerry/shared/kube/local-volumes';
import type { RestParts } from '../../rest/call.ts';
import { ClusterClient } from '../client/cluster-client.ts';
import { storageClasses } from '../client/storage-kinds.ts';
import { defaultClassAnnotation } from './classes.ts';

/** As small clusters name theirs, so that manifests made for them run unchanged. */
export const defaultClassName = 'local-path';

/** Makes the class of claims that name none, where it is missing. One that was changed is left as it is. */
export async function makeDefaultClass(parts: RestParts): Promise<void> {
  const client = new ClusterClient(parts);
  if (client.get(storageClasses, { namespace: '', name: defaultClassName })) return;
  const annotations = { [defaultClassAnnotation]: 'true' };
  await client.create(storageClasses, '', {
    metadata: { name: defaultClassName, annotations },
    provisioner: localProvisioner,
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'WaitForFirstConsumer',
  });
}
