import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

/** What one expression of PromQL asks for. */
export interface Asked {
  readonly metrics: ReadonlySet<string>;
  /** Labels that it matches or groups by. */
  readonly labels: ReadonlySet<string>;
}

/** Throws where Prometheus would not understand it. */
export function readPromQl(expression: string): Asked {
  const text = expression.replaceAll('$__rate_interval', '5m'); // Grafana puts a span there
  const metrics = new Set<string>();
  const labels = new Set<string>();
  const said = ({ from, to }: SyntaxNode): string => text.slice(from, to);
  parser.parse(text).iterate({
    enter: ({ type, node }) => {
      if (type.isError) throw new Error(`not PromQL from character ${node.from} on: ${expression}`);
      if (type.name === 'VectorSelector' && node.firstChild?.name === 'Identifier')
        metrics.add(said(node.firstChild));
      if (type.name === 'LabelName') labels.add(said(node));
    },
  });
  return { metrics, labels };
}
