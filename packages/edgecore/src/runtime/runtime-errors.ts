import { EdgeError } from '@skerry/shared/errors';

/** The runtime cannot be asked: not installed, not running, hung, or not allowed. */
export class RuntimeUnavailable extends EdgeError {
  readonly code = 'runtime.unavailable';
  readonly disposition = 'retry';
  /** True when nothing is there to answer, as on a machine without an engine. */
  readonly absent: boolean;

  constructor(
    message: string,
    { absent = false, cause }: { absent?: boolean; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.absent = absent;
  }
}

/** Waiting reasons of a container whose image is not there. */
export type ImageFailureReason = 'ErrImagePull' | 'ErrImageNeverPull' | 'InvalidImageName';

/** The image is not here and could not be fetched, or must not be. */
export class ImageFailure extends EdgeError {
  readonly code = 'runtime.image';
  readonly disposition = 'retry';
  readonly reason: ImageFailureReason;

  constructor(reason: ImageFailureReason, message: string, cause?: unknown) {
    super(message, { cause });
    this.reason = reason;
  }
}

/** The runtime refused to make a sandbox or container. */
export class CreateFailed extends EdgeError {
  readonly code = 'runtime.create';
  readonly disposition = 'retry';
}

/** The container's process could not be started. */
export class StartFailed extends EdgeError {
  readonly code = 'runtime.start';
  readonly disposition = 'retry';
}

/** A command cannot be run in a container: it does not run, or is not there. */
export class ExecFailed extends EdgeError {
  readonly code = 'runtime.exec';
  readonly disposition = 'retry';
}
