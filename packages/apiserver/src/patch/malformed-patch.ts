import { EdgeError } from '@skerry/shared/errors';

/** The patch itself is wrong, whatever it is applied to: a bad request (400). */
export class MalformedPatch extends EdgeError {
  readonly code = 'api.malformed-patch';
  readonly disposition = 'reject';
}
