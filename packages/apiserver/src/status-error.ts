import { EdgeError } from '@skerry/shared/errors';
import type { JsonObject } from './json.ts';

/** Why one field was refused, as in `details.causes` of a Status. */
export interface StatusCause {
  /** For example `FieldValueRequired`; absent for causes about no field. */
  readonly reason?: string;
  readonly message: string;
  readonly field?: string;
}

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  /** A resource (`pods`) or a kind (`Pod`), whichever Kubernetes names in the same case. */
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

interface Refusal {
  readonly status: number;
  readonly reason?: string;
  readonly message: string;
  readonly details?: StatusDetails;
}

/**
 * A request the API refuses, in the words of Kubernetes.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/
 */
export class StatusError extends EdgeError {
  readonly code: `api.${string}`;
  readonly disposition = 'reject';
  /** HTTP status code. */
  readonly status: number;
  /** Machine-readable, for example `NotFound`; empty when Kubernetes gives none. */
  readonly reason: string;
  readonly details: StatusDetails | undefined;

  constructor({ status, reason = '', message, details }: Refusal) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.details = details;
    this.code = `api.${kebab(reason === '' ? 'internal' : reason)}`;
  }

  /** The `v1.Status` that goes to the client. */
  toJson(): JsonObject {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      ...(this.reason === '' ? {} : { reason: this.reason }),
      ...(this.details ? { details: detailsJson(this.details) } : {}),
      code: this.status,
    };
  }
}

function detailsJson({ causes, ...details }: StatusDetails): JsonObject {
  if (!causes) return { ...details };
  return { ...details, causes: causes.map((cause) => ({ ...cause })) };
}

function kebab(reason: string): string {
  return reason.replace(/(?!^)([A-Z])/g, '-$1').toLowerCase();
}
