import type {
  DownwardFile,
  EmptyDirSource,
  HostPathSource,
  KeyToPath,
  NfsSource,
  ProjectedSource,
  TokenSource,
  Volume,
} from '../volumes/volume.ts';
import { fieldRef, resourceFieldRef } from './downward-fields.ts';
import type { FieldsOf } from './field-tree.ts';

const items: FieldsOf<KeyToPath> = { key: 'whole', mode: 'whole', path: 'whole' };

const downwardItems: FieldsOf<DownwardFile> = {
  fieldRef,
  mode: 'whole',
  path: 'whole',
  resourceFieldRef,
};

const named = { items, name: 'whole', optional: 'whole' } as const;

export const volumes: FieldsOf<Volume> = {
  configMap: { ...named, defaultMode: 'whole' },
  downwardAPI: { defaultMode: 'whole', items: downwardItems },
  emptyDir: {
    medium: (value) => value === 'Memory',
    sizeLimit: 'whole',
  } satisfies FieldsOf<EmptyDirSource>,
  hostPath: { path: 'whole', type: 'whole' } satisfies FieldsOf<HostPathSource>,
  name: 'whole',
  nfs: { path: 'whole', readOnly: 'whole', server: 'whole' } satisfies FieldsOf<NfsSource>,
  persistentVolumeClaim: { claimName: 'whole', readOnly: 'whole' },
  projected: {
    defaultMode: 'whole',
    sources: {
      configMap: named,
      downwardAPI: { items: downwardItems },
      secret: named,
      serviceAccountToken: {
        audience: 'whole',
        expirationSeconds: 'whole',
        path: 'whole',
      } satisfies FieldsOf<TokenSource>,
    } satisfies FieldsOf<ProjectedSource>,
  },
  secret: { defaultMode: 'whole', items, optional: 'whole', secretName: 'whole' },
};
