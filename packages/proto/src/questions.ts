import type { Answer } from './frames.ts';

/** Questions to one node that may be unanswered: what people look at, not how programs follow it. */
export const questionWindow = 16;

/** Subject of a question: what a property of a device was. */
export const deviceHistorySubject = 'device-history';

/** Questions of one node that may be unanswered: each may bring an answer of `maxAnswerBytes`. */
export const edgeQuestionWindow = 4;

/** Subject of a question: what the cluster has, as far as who asks may see it there. */
export const clusterReadSubject = 'cluster-read';

/** Largest answer to an edge, bytes: the largest object that an API server takes, with its managed fields. */
export const maxAnswerBytes: number = 2 * 1024 * 1024;

/** One GET of an API server; its body is the answer's. */
export interface ClusterRead {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  /** Empty: cluster-scoped, or across namespaces. */
  readonly namespace: string;
  /** Empty: a list. */
  readonly name: string;
  /** Of a list: `labelSelector`, `fieldSelector`, `limit`, `continue`. */
  readonly query: Readonly<Record<string, string>>;
  /** The ServiceAccount token of the pod that asks; absent: the administrator of the node. */
  readonly token?: string | undefined;
  /** A longer body is not sent: `answerCodes.tooLarge`. */
  readonly maxBytes: number;
}

/** Where the accounts are as which administrators of nodes read the cluster: each is named like its node. */
export const nodeAccountsNamespace = 'skerry-nodes';

/** Why a question has no answer; the same words on both sides. */
export const answerCodes = {
  /** The question itself is wrong. */
  malformed: 'question.malformed',
  /** What it is about is not on the node. */
  notFound: 'question.not-found',
  /** The node does not know the subject, or has nobody now who does. */
  unknown: 'question.unknown',
  /** Too many at once, at one end. */
  busy: 'question.busy',
  /** Longer than was asked for. */
  tooLarge: 'question.too-large',
  failed: 'question.failed',
} as const;

export type AnswerCode = (typeof answerCodes)[keyof typeof answerCodes];

const nothing = new Uint8Array();

/** The answer that says why there is none: one of `answerCodes`, or what somebody else said. */
export function refusedAnswer(id: number, code: string, reason: string): Answer {
  return { type: 'answer', id, code, reason, body: nothing };
}
