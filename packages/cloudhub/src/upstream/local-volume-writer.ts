import { localDataFinalizer, nodeOfLocalVolume } from '@skerry/shared/kube/local-volumes';
import { field, text } from '../kube/json-read.ts';
import type { KubeWriter } from '../kube/kube-api.ts';
import { NotFound } from '../kube/kube-errors.ts';
import { persistentVolumes } from '../kube/resource.ts';
import type { CurrentObjects } from './current-objects.ts';
import { accepted, forbidden, malformed, notFound, type ReportWriter } from './report-writer.ts';

export interface LocalVolumeWriterParts {
  readonly api: KubeWriter;
  readonly current: CurrentObjects;
}

/**
 * Lets a deleted volume go when its node says that nothing of it is left there: `{uid, removed: true}`.
 *
 * Refuses a volume that is not of the node's own making, and one that nobody has deleted.
 */
export function localVolumeWriter({ api, current }: LocalVolumeWriterParts): ReportWriter {
  return async ({ node, key, payload }, signal) => {
    const uid = text(field(payload, 'uid'));
    if (uid === undefined || field(payload, 'removed') !== true)
      return malformed(key, 'needs a uid, and that its data was removed');
    try {
      const volume = await current.reread(persistentVolumes, key, signal);
      const { metadata } = volume;
      if (nodeOfLocalVolume(volume) !== node) return forbidden(node, key);
      if (metadata.uid !== uid) return notFound(key);
      if (metadata.deletionTimestamp === undefined) return malformed(key, 'is not being deleted');
      const { resourceVersion, finalizers: held = [] } = metadata;
      const finalizers = held.filter((one) => one !== localDataFinalizer);
      const body = { metadata: { resourceVersion, finalizers } };
      await api.patch(persistentVolumes, key, { kind: 'merge', body }, signal);
      current.forget(key);
      return accepted;
    } catch (error) {
      if (error instanceof NotFound) return notFound(key);
      throw error;
    }
  };
}
