import {
  answerCodes,
  clusterReadSubject,
  maxAnswerBytes,
  nodeAccountsNamespace,
  refusedAnswer,
  type ClusterRead,
} from '@skerry/proto/questions';
import { codeOf, messageOf } from '@skerry/shared/errors';
import { parseJson } from '@skerry/shared/parse-json';
import { at, text } from '../kube/json-read.ts';
import { TooLarge } from '../kube/kube-errors.ts';
import type { ReadRequest, Reader, ReaderAs } from '../kube/reader-as.ts';
import { collectionPath } from '../kube/resource.ts';
import type { EdgeQuestions } from '../session/session-parts.ts';

/** Reads of all nodes at once: each may hold an answer in memory. */
const mostAtOnce = 64;

/** Group, version and resource as they stand in a path; names may hold more. */
const word = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;
const parameters = ['labelSelector', 'fieldSelector', 'limit', 'continue'];

/**
 * Answers what nodes want to see of the cluster: one object, or a list of them. The API server decides, by the
 * token of the pod that asks or the rights of the node's own account (`skerry-nodes`), never by the hub's.
 */
export function clusterReads(reader: Pick<ReaderAs, 'read'>): EdgeQuestions {
  let open = 0;
  return {
    answer: async (node, { id, subject, body }, signal) => {
      if (subject !== clusterReadSubject)
        return refusedAnswer(
          id,
          answerCodes.unknown,
          `this hub answers no questions about ${subject}`,
        );
      const read = clusterReadFrom(body);
      if (!read)
        return refusedAnswer(id, answerCodes.malformed, 'the question names no object or list');
      if (open >= mostAtOnce)
        return refusedAnswer(id, answerCodes.busy, `${open} reads are under way`);
      open++;
      try {
        const as = readerOf(read, node);
        const found = await reader.read(requestOf(read), as, signal);
        return { type: 'answer', id, code: '', reason: '', body: found };
      } catch (error) {
        signal.throwIfAborted();
        const code = error instanceof TooLarge ? answerCodes.tooLarge : codeOf(error);
        return refusedAnswer(id, code, messageOf(error));
      } finally {
        open--;
      }
    },
  };
}

function readerOf({ token }: ClusterRead, node: string): Reader {
  return token === undefined ? { namespace: nodeAccountsNamespace, account: node } : { token };
}

/** Undefined where it is something else than one object or a list of them: no subresource can be asked for. */
function clusterReadFrom(body: Uint8Array): ClusterRead | undefined {
  const asked = parsed(body);
  const part = (name: string): string => text(at(asked, name)) ?? '';
  const [group, version, plural] = [part('group'), part('version'), part('plural')];
  const [namespace, name, token] = [part('namespace'), part('name'), text(at(asked, 'token'))];
  if (!word.test(version) || !word.test(plural) || (group !== '' && !word.test(group)))
    return undefined;
  if (![namespace, name].every(isSegment) || (token !== undefined && !/^[\w.~+/=-]+$/.test(token)))
    return undefined;
  const given = parameters.map((each) => [each, text(at(asked, 'query', each))] as const);
  const query = Object.fromEntries(given.filter(([, value]) => value !== undefined));
  const most = Number(at(asked, 'maxBytes'));
  const maxBytes = most > 0 ? Math.min(most, maxAnswerBytes) : maxAnswerBytes;
  return {
    ...{ group, version, plural, namespace, name, maxBytes },
    ...{ query: query as ClusterRead['query'], token },
  };
}

function parsed(body: Uint8Array): unknown {
  try {
    return parseJson(body);
  } catch {
    return undefined; // answered like one that names nothing
  }
}

/** What an API server takes for a name in a path, or none. */
function isSegment(name: string): boolean {
  return name !== '.' && name !== '..' && !/[/%]/.test(name);
}

function requestOf(read: ClusterRead): ReadRequest {
  const { namespace, name, query, maxBytes } = read;
  const collection = collectionPath(read, namespace);
  if (name !== '') return { path: `${collection}/${encodeURIComponent(name)}`, maxBytes };
  return { path: `${collection}?${new URLSearchParams(query).toString()}`, maxBytes };
}
