import type { NodeName, ObjectKey } from '@skerry/shared/names';
import { selects, type Labels, type LabelSelector } from '@skerry/shared/kube/label-selector';
import { parseJson } from '@skerry/shared/parse-json';
import { at, text } from '../kube/json-read.ts';
import { nodes } from '../kube/resource.ts';
import { resourceOf, type Observed } from './observed.ts';

/** A node, and an object that is placed there by the node's labels. */
export interface Selected {
  readonly node: NodeName;
  readonly key: ObjectKey;
}

/** What one observation changes in who is selected. */
export interface SelectionChange {
  readonly entering: readonly Selected[];
  readonly leaving: readonly Selected[];
}

interface Selector {
  /** The LabelSelector as JSON. */
  readonly text: string;
  readonly selects: (labels: Labels) => boolean;
  readonly nodes: Set<NodeName>;
}

const nowhere: ReadonlySet<NodeName> = new Set();
const nothing: SelectionChange = { entering: [], leaving: [] };

/**
 * Which nodes the objects that are placed by labels go to. The labels of nodes are not kept: they are read
 * again when a selector changes, which is rare, and a hub may have very many nodes.
 */
export class Selections {
  readonly #selectors = new Map<ObjectKey, Selector>();
  readonly #nodes: () => Iterable<Observed>;

  /** `nodes` are the Nodes there are. */
  constructor(nodes: () => Iterable<Observed>) {
    this.#nodes = nodes;
  }

  /** Takes in the newest state of an object; a Node as well as what is placed by selecting it. */
  observe(next: Observed): SelectionChange {
    if (resourceOf(next.key) === nodes.name) return this.#observeNode(next);
    const before = this.#selectors.get(next.key);
    const wanted = next.object && next.routing.selector;
    if (before?.text === wanted) return nothing;
    this.#selectors.delete(next.key);
    const after = wanted === undefined ? undefined : this.#open(wanted);
    if (after) this.#selectors.set(next.key, after);
    return moves(next.key, before, after);
  }

  #open(selector: string): Selector {
    const isSelected = selects(JSON.parse(selector) as LabelSelector);
    const chosen = [...this.#nodes()].filter((node) => isSelected(labelsOf(node)));
    const names = chosen.flatMap((node) => nodeOf(node) ?? []);
    return { text: selector, selects: isSelected, nodes: new Set(names) };
  }

  #observeNode(next: Observed): SelectionChange {
    const node = nodeOf(next);
    if (node === undefined || this.#selectors.size === 0) return nothing;
    const labels = next.object ? labelsOf(next) : undefined;
    const [entering, leaving]: [Selected[], Selected[]] = [[], []];
    for (const [key, selector] of this.#selectors) {
      const isSelected = labels !== undefined && selector.selects(labels);
      if (isSelected === selector.nodes.has(node)) continue;
      (isSelected ? entering : leaving).push({ node, key });
      if (isSelected) selector.nodes.add(node);
      else selector.nodes.delete(node);
    }
    return { entering, leaving };
  }
}

function moves(
  key: ObjectKey,
  before: Selector | undefined,
  after: Selector | undefined,
): SelectionChange {
  const [was, is] = [before?.nodes ?? nowhere, after?.nodes ?? nowhere];
  const place = (node: NodeName): Selected => ({ node, key });
  return {
    entering: [...is.difference(was)].map(place),
    leaving: [...was.difference(is)].map(place),
  };
}

/** The name of a Node, also of one that is gone. */
function nodeOf({ key }: Observed): NodeName | undefined {
  return text(key.slice(key.lastIndexOf('/') + 1)) as NodeName | undefined;
}

function labelsOf({ object }: Observed): Labels {
  const node = object && parseJson(object);
  return (at(node, 'metadata', 'labels') ?? {}) as Labels;
}
