import type { Clock } from '@skerry/shared/clock';
import type { NodeName, ObjectKey } from '@skerry/shared/names';
import { count, field, list, text } from '../kube/json-read.ts';
import { NotFound } from '../kube/kube-errors.ts';
import { statusJudgements } from '../kube/resource.ts';
import { conditionsOf, mergeConditions, turnedAt } from './conditions.ts';
import { isFields, type Fields } from './merge-diff.ts';
import { accepted, forbidden, malformed, notFound, type ReportWriter } from './report-writer.ts';
import type { DecideStatus, StatusWriter } from './status-writer.ts';

/**
 * Nodes that one judgement shows at most; of more, those that fare worst. Every node that judges by an
 * object is sent it again when its status changes, so that it must stay small.
 */
export const maxNodesShown = 100;

/** Worst first, as they are kept. */
const verdicts = ['Blocked', 'Unknown', 'Degraded', 'Ready'];

export interface JudgementWriterParts {
  readonly statuses: StatusWriter;
  readonly placement: { isPlaced(node: NodeName, key: ObjectKey): boolean };
  readonly clock: Clock;
}

/**
 * Writes what a node has found by a judgement: `{uid, state}`, into the entry of `status.nodes` that has
 * the node's name; with `gone` the entry goes. A node writes no other entry than its own (G8), and those
 * that the object is no longer placed on go by the way.
 */
export function judgementWriter({
  statuses,
  placement,
  clock,
}: JudgementWriterParts): ReportWriter {
  return async ({ node, key, payload }, signal) => {
    const found = parseFound(payload);
    if (!found) return malformed(key, 'needs a uid, and a state or gone');
    const { uid, state } = found;
    if (state && !placement.isPlaced(node, key)) return forbidden(node, key);
    const entry = state && entryOf(node, state);
    const decide: DecideStatus = ({ metadata, status = {} }) => {
      if (metadata.uid !== uid) return notFound(key);
      const isHere = (name: string): boolean => placement.isPlaced(name as NodeName, key);
      const others = nodesOf(status).filter(({ name }) => name !== node && isHere(name as string));
      const shown = fewest(entry ? [...others, entry] : others);
      return { do: 'write', status: judgementStatus(status, shown, clock.now()) };
    };
    try {
      const written = await statuses.write({ type: statusJudgements, key }, decide, signal);
      return written.do === 'refused' ? written : accepted;
    } catch (error) {
      if (error instanceof NotFound) return notFound(key);
      throw error;
    }
  };
}

interface Found {
  readonly uid: string;
  /** Undefined: the node no longer judges by the object. */
  readonly state: Fields | undefined;
}

function parseFound(payload: unknown): Found | undefined {
  const uid = text(field(payload, 'uid'));
  if (uid === undefined) return undefined;
  if (field(payload, 'gone') === true) return { uid, state: undefined };
  const state = field(payload, 'state');
  return isFields(state) ? { uid, state } : undefined;
}

/** The whole status, from the entries of its nodes. */
export function judgementStatus(current: Fields, nodes: readonly Fields[], nowMs: number): Fields {
  const generations = nodes.flatMap((one) => count(one['observedGeneration']) ?? []);
  const isReady = nodes.length > 0 && nodes.every(({ verdict }) => verdict === 'Ready');
  const said = verdicts.toReversed().flatMap((verdict) => {
    const many = nodes.filter((one) => one['verdict'] === verdict).length;
    return many === 0 ? [] : `${many} ${verdict}`;
  });
  const ready = {
    type: 'Ready',
    status: nodes.length === 0 ? 'Unknown' : isReady ? 'True' : 'False',
    reason: nodes.length === 0 ? 'NoNodes' : isReady ? 'EveryNodeReady' : 'NotEveryNodeReady',
    message: nodes.length === 0 ? 'no node has judged yet' : said.join(', '),
  };
  const before = conditionsOf(current).filter(
    ({ type, status }) => type !== 'Ready' || status === ready.status,
  );
  const lastTransitionTime = turnedAt(before, ready, nowMs);
  return {
    ...current,
    ...(generations.length > 0 && { observedGeneration: Math.min(...generations) }),
    nodes,
    conditions: mergeConditions(before, [{ ...ready, lastTransitionTime }], nowMs),
  };
}

const taken = ['verdict', 'since', 'z', 'results', 'message', 'observedGeneration'];

/** What a node says, under the name that its certificate proves. */
function entryOf(node: NodeName, state: Fields): Fields {
  const said = taken.flatMap((name) => (state[name] === undefined ? [] : [[name, state[name]]]));
  return { name: node, ...(Object.fromEntries(said) as Fields) };
}

function nodesOf(status: Fields): Fields[] {
  return list(status['nodes']).filter(
    (one): one is Fields => isFields(one) && text(one['name']) !== undefined,
  );
}

function fewest(nodes: readonly Fields[]): Fields[] {
  const rank = ({ verdict }: Fields): number => verdicts.indexOf(verdict as string);
  const byName = (a: Fields, b: Fields): number =>
    (a['name'] as string) < (b['name'] as string) ? -1 : 1;
  const worstFirst = nodes.toSorted((a, b) => rank(a) - rank(b) || byName(a, b));
  return worstFirst.slice(0, maxNodesShown).toSorted(byName);
}
