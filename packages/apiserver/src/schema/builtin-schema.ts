import { authentication, authorization, rbac } from './builtin/access.ts';
import { apps } from './builtin/apps.ts';
import { batch } from './builtin/batch.ts';
import { container } from './builtin/container.ts';
import { core } from './builtin/core.ts';
import { meta } from './builtin/meta.ts';
import { node } from './builtin/node.ts';
import { podStatus } from './builtin/pod-status.ts';
import { pod } from './builtin/pod.ts';
import {
  apiextensions,
  autoscaling,
  coordination,
  events,
  policy,
} from './builtin/small-groups.ts';
import {
  certificates,
  discovery,
  networking,
  runtimeClasses,
  scheduling,
  storageClasses,
} from './builtin/site-kinds.ts';
import { storage } from './builtin/storage.ts';
import { volumePlugins } from './builtin/volume-plugins.ts';
import { volume } from './builtin/volume.ts';
import { Notation } from './notation.ts';
import type { Schema } from './schema.ts';

const notation = new Notation([
  meta,
  pod,
  podStatus,
  container,
  volume,
  volumePlugins,
  storage,
  node,
  core,
  apps,
  batch,
  rbac,
  authorization,
  authentication,
  coordination,
  autoscaling,
  policy,
  apiextensions,
  scheduling,
  runtimeClasses,
  storageClasses,
  networking,
  discovery,
  certificates,
  events,
]);

/**
 * What objects of a built-in kind look like: their fields, what the fields mean, and how they merge.
 * `group` is empty for the core group. Undefined when the kind is no built-in one.
 */
export function builtinSchema(group: string, kind: string): Schema | undefined {
  return notation.kind(group, kind);
}

/** A struct of the built-in kinds by its name in OpenAPI documents. */
export function structSchema(definition: string): Schema | undefined {
  return notation.definition(definition);
}

/** The metadata of every object, custom resources included. */
export const metadataSchema: Schema =
  structSchema('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta') ?? {};
