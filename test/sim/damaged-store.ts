import { createHash } from 'node:crypto';
import { Ledger, type NodeLedger } from '@skerry/cloudhub/ledger/ledger';
import { ReportOutbox } from '@skerry/edgecore/link/report-outbox';
import { defaultReportPolicies } from '@skerry/edgecore/link/report-policy';
import { MetaStore } from '@skerry/edgecore/meta/meta-store';
import type { Change } from '@skerry/shared/change';
import { systemClock } from '@skerry/shared/clock';
import { nodeName } from '@skerry/shared/names';
import type { Store } from '@skerry/shared/store';
import { madeChange } from '@skerry/shared/testing/changes';

export const names: readonly string[] = Array.from({ length: 40 }, (_, n) => `c${n}`);
export const payloads: readonly string[] = ['first', 'second', 'third'];

/** What the stores were given: objects that LevelDB cannot compress, so that most of a file is theirs. */
export function written(name: string): Change & { readonly object: Uint8Array } {
  const lines = Array.from({ length: 20 }, (_, n) =>
    createHash('sha512').update(`${name} ${n}`).digest('base64'),
  );
  return { ...madeChange(name, 10 + names.indexOf(name)), object: Buffer.from(lines.join('')) };
}

interface Rooms {
  readonly meta: MetaStore;
  readonly ledger: NodeLedger;
  readonly reports: ReportOutbox;
}

/** Everything that an edge and a hub keep, in one store. */
export async function rooms(store: Store): Promise<Rooms> {
  const [meta, ledger] = [
    await MetaStore.open(store),
    await new Ledger(store).open(nodeName('edge-1')),
  ];
  const reports = await ReportOutbox.open({
    store,
    policies: defaultReportPolicies,
    clock: systemClock,
    onDropped: () => undefined,
  });
  return { meta, ledger, reports };
}
