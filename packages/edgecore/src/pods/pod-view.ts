import type { Amounts } from '@skerry/shared/kube/amounts';
import type { Machine } from '../node/machine.ts';
import type { ObservedPod } from '../runtime/observed.ts';
import { fitContainer, type FittedContainer } from './container-fit.ts';
import type { Sources } from './env.ts';
import type { LocalApiView } from './local-api.ts';
import { runningSandbox } from './outlook.ts';
import type { RunScene } from './plan.ts';
import type { Container, PodObject } from './pod.ts';
import { fitted, type Fitted } from './pod-errors.ts';
import { recall, type PodRecord } from './pod-record.ts';
import { podShape } from './pod-shape.ts';
import type { Progress } from './progress.ts';
import type { HeldReferences } from './references.ts';
import type { HeldTokens } from './tokens/token-wish.ts';
import type { HeldClaims } from './volumes/claims.ts';
import { digestOf, volumeContent, type VolumeContent } from './volumes/volume-content.ts';
import { mountFailure } from './volumes/volume-dirs.ts';

/** Everything one round looks at. */
export interface ViewParts {
  readonly object: PodObject;
  readonly held: HeldReferences;
  readonly claims: HeldClaims;
  readonly tokens: HeldTokens;
  readonly localApi?: LocalApiView | undefined;
  readonly observed: ObservedPod;
  readonly record: PodRecord;
  readonly progress: Progress;
  readonly nodeName: string;
  readonly hostIp: string;
  readonly machine: Machine;
  /** What the node has for pods. */
  readonly allocatable: Amounts;
  readonly clusterDomain?: string | undefined;
  readonly now: number;
}

/** A pod as seen at one moment, with what its steps would be made of. */
export interface PodView extends RunScene {
  readonly containers: ReadonlyMap<string, Container>;
  readonly fitted: ReadonlyMap<string, FittedContainer>;
  readonly contents: readonly VolumeContent[];
  /** Empty where there is none yet. */
  readonly podIp: string;
}

/** Pure: sees the pod's object, what it refers to, and what runs, as one. */
export function viewPod(parts: ViewParts): PodView {
  const { object, record, progress, now } = parts;
  const sources = sourcesOf(parts);
  const { initContainers = [], containers } = object.spec;
  const all = new Map([...initContainers, ...containers].map((one) => [one.name, one] as const));
  const fits = [...all].map(([name, container]) => {
    const fit = fitted(() => fitContainer(container, sources, parts.machine.memoryBytes));
    return [name, fit] as const;
  });
  const volumes = volumesOf(sources);
  return {
    shape: podShape(object, parts.clusterDomain),
    observed: recall(record, parts.observed, now),
    progress,
    now,
    podIp: sources.surroundings.podIp,
    volumes: volumes.fits ? { fits: true, value: digestOf(volumes.value) } : volumes,
    unfit: new Map(fits.flatMap(([name, fit]) => (fit.fits ? [] : [[name, fit.message]]))),
    containers: all,
    fitted: new Map(fits.flatMap(([name, fit]) => (fit.fits ? [[name, fit.value]] : []))),
    contents: volumes.fits ? volumes.value : [],
  };
}

function sourcesOf(parts: ViewParts): Sources {
  const { object, held, claims, tokens, localApi, observed, nodeName, hostIp, allocatable } = parts;
  const sandbox = runningSandbox(observed);
  const ownIp = sandbox?.state.phase === 'running' ? sandbox.state.ip : undefined;
  return {
    pod: object,
    held,
    claims,
    tokens,
    localApi,
    surroundings: {
      nodeName,
      hostIp,
      podIp: object.spec.hostNetwork === true ? hostIp : (ownIp ?? ''),
      allocatable,
    },
  };
}

/** The content of every volume, or the sentence about the first that cannot be had. */
function volumesOf(sources: Sources): Fitted<VolumeContent[]> {
  const contents: VolumeContent[] = [];
  for (const volume of sources.pod.spec.volumes ?? []) {
    const content = fitted(() => volumeContent(volume, sources));
    if (!content.fits) return { ...content, message: mountFailure(volume.name, content.message) };
    contents.push(content.value);
  }
  return { fits: true, value: contents };
}
