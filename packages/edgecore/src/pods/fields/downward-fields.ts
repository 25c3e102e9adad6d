import type { FieldReference, ResourceFieldReference } from '../pod.ts';
import type { FieldsOf } from './field-tree.ts';

export const fieldRef: FieldsOf<FieldReference & { apiVersion: string }> = {
  apiVersion: 'whole',
  fieldPath: 'whole',
};

export const resourceFieldRef: FieldsOf<ResourceFieldReference> = {
  containerName: 'whole',
  divisor: 'whole',
  resource: 'whole',
};
