import { pendingAnnotation } from '@skerry/edgecore/localapi/compose';
import { statusPath, type SiteReport } from '@skerry/edgecore/localapi/site-report';
import { collectionOf, kindCalled, type SiteKind } from './kinds.ts';
import type { SiteApi } from './local-api.ts';
import { tableOf, type SiteObject } from './show.ts';
import {
  sinceText,
  troubleText,
  troublesOf,
  type Faring,
  type Site,
  type Trouble,
} from './troubles.ts';

/**
 * How a node is, on one screen: what is wrong, since when, and what is done about it. `now` in milliseconds
 * since the epoch.
 */
export async function siteStatus(
  api: SiteApi,
  kinds: readonly SiteKind[],
  now: number,
): Promise<string> {
  const report = await api.json<SiteReport>(statusPath);
  const shown = ['pods', 'devices'].flatMap((word) =>
    kinds.some(({ plural }) => plural === word) ? [kindCalled(kinds, word)] : [],
  );
  const tables = await Promise.all(
    shown.map(async (kind) => (await tableOf(api, { kind })) ?? `no ${kind.plural} on this node`),
  );
  const waiting = (await Promise.all(shown.map((kind) => waitingOf(api, kind)))).flat();
  const troubles = [...ofDisk(report), ...troublesOf(await siteOf(api, kinds))];
  const wrong = wrongLines(troubles, now);
  return [linkLines(report, now), wrong, ...tables, ...waitingLines(waiting)].join('\n\n');
}

function linkLines({ node, cutOffSince, reportsWaiting }: SiteReport, now: number): string {
  if (cutOffSince === null)
    return `node ${node}: connected, ${reportsText(reportsWaiting)} on the way to the cluster`;
  return [
    `node ${node}: cut off from the cluster ${sinceText(cutOffSince, now)}`,
    '  pods and devices run on with what is here; the agent dials again and again by itself',
    `  ${reportsText(reportsWaiting)} waiting here, for the cluster when it is back`,
  ].join('\n');
}

function reportsText(count: number): string {
  return count === 1 ? '1 report is' : `${count} reports are`;
}

function ofDisk({ node, diskRefuses }: SiteReport): Trouble[] {
  if (!diskRefuses) return [];
  const { since, why } = diskRefuses;
  const doing =
    'pods and devices run on; until there is room again, which is tried every few seconds, nothing new is ' +
    'taken from the cluster, and no alarm reaches its receivers: free some space';
  return [{ what: `disk of ${node}`, is: `the agent cannot write: ${why}`, since, doing }];
}

function wrongLines(troubles: readonly Trouble[], now: number): string {
  if (troubles.length === 0) return 'nothing is wrong here';
  return ['what is wrong:', ...troubles.map((one) => troubleText(one, now))].join('\n');
}

async function siteOf(api: SiteApi, kinds: readonly SiteKind[]): Promise<Site> {
  const held = async (plural: string): Promise<readonly Faring[]> => {
    const kind = kinds.find((one) => one.plural === plural);
    if (!kind) return [];
    return (await api.json<{ items: readonly Faring[] }>(collectionOf(kind))).items;
  };
  const [nodes, pods, devices, alerts] = await Promise.all(
    ['nodes', 'pods', 'devices', 'alerts'].map(held),
  );
  return { nodes: nodes ?? [], pods: pods ?? [], devices: devices ?? [], alerts: alerts ?? [] };
}

async function waitingOf(api: SiteApi, kind: SiteKind): Promise<string[]> {
  const { items } = await api.json<{ items: readonly SiteObject[] }>(collectionOf(kind));
  return items.flatMap(({ metadata }) => {
    const pending = metadata.annotations?.[pendingAnnotation];
    return pending === undefined ? [] : [`  ${kind.kind} ${metadata.name}: ${pending}`];
  });
}

function waitingLines(waiting: readonly string[]): string[] {
  if (waiting.length === 0) return [];
  return [['written here, and not in the cluster yet:', ...waiting].join('\n')];
}
