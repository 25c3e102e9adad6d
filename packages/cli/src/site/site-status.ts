import { pendingAnnotation } from '@skerry/edgecore/localapi/compose';
import { statusPath, type SiteReport } from '@skerry/edgecore/localapi/site-report';
import { collectionOf, kindCalled, type SiteKind } from './kinds.ts';
import type { SiteApi } from './local-api.ts';
import { tableOf, type SiteObject } from './show.ts';

/** How a node is, on one screen: what a technician asks first. */
export async function siteStatus(api: SiteApi, kinds: readonly SiteKind[]): Promise<string> {
  const report = await api.json<SiteReport>(statusPath);
  const shown = ['pods', 'devices'].flatMap((word) =>
    kinds.some(({ plural }) => plural === word) ? [kindCalled(kinds, word)] : [],
  );
  const tables = await Promise.all(
    shown.map(async (kind) => (await tableOf(api, { kind })) ?? `no ${kind.plural} on this node`),
  );
  const waiting = (await Promise.all(shown.map((kind) => waitingOf(api, kind)))).flat();
  return [linkLine(report), ...tables, ...waitingLines(waiting)].join('\n\n');
}

function linkLine({ node, cutOffSince, reportsWaiting }: SiteReport): string {
  const link = cutOffSince === null ? 'connected' : `cut off since ${cutOffSince}`;
  return `node ${node}: ${link}, ${reportsWaiting} reports wait for the cloud`;
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
