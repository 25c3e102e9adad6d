import { LineCounter, isNode, parseAllDocuments, parseDocument, stringify } from 'yaml';
import { Misconfiguration } from './errors.ts';

/** A parsed document that still knows where in its file everything stood. */
export interface YamlDocument {
  readonly value: unknown;
  /** Line, from 1, of the value at `path`; undefined when there is none. */
  lineOf(path: readonly string[]): number | undefined;
}

/**
 * Parses one YAML 1.2 document. Throws Misconfiguration as `source:line: …`; duplicate keys and
 * unknown tags are errors.
 */
export function parseYaml(text: string, source: string): YamlDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [flaw] = [...document.errors, ...document.warnings];
  if (flaw)
    throw new Misconfiguration(`${source}:${lines.linePos(flaw.pos[0]).line}: ${flaw.message}`);
  return {
    value: document.toJS() as unknown,
    lineOf: (path) => {
      const node = document.getIn(path, true);
      const start = isNode(node) ? node.range?.[0] : undefined;
      return start === undefined ? undefined : lines.linePos(start).line;
    },
  };
}

/** The values of a stream of documents, empty ones left out. Throws like parseYaml. */
export function parseYamlStream(text: string, source: string): unknown[] {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false });
  if ('empty' in documents) return [];
  return documents.flatMap((document) => {
    const [flaw] = [...document.errors, ...document.warnings];
    if (flaw)
      throw new Misconfiguration(`${source}:${lines.linePos(flaw.pos[0]).line}: ${flaw.message}`);
    const value = document.toJS() as unknown;
    return value === null ? [] : [value];
  });
}

/** YAML that reads back as `value`; undefined fields are left out. */
export function printYaml(value: unknown): string {
  return stringify(value, { aliasDuplicateObjects: false, lineWidth: 0 });
}
