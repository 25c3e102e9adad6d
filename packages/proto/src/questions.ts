/** Questions of one node that may be unanswered: what people look at, not how programs follow it. */
export const questionWindow = 16;

/** Subject of a question: what a property of a device was. */
export const deviceHistorySubject = 'device-history';

/** Why a question has no answer; the same words on both sides. */
export const answerCodes = {
  /** The question itself is wrong. */
  malformed: 'question.malformed',
  /** What it is about is not on the node. */
  notFound: 'question.not-found',
  /** The node does not know the subject, or has nobody now who does. */
  unknown: 'question.unknown',
  /** Too many at once. */
  busy: 'question.busy',
  failed: 'question.failed',
} as const;

export type AnswerCode = (typeof answerCodes)[keyof typeof answerCodes];
