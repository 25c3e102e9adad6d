import { EdgeError } from '@skerry/shared/errors';

/** The engine answered, and said no. `status` is HTTP's. */
export class EngineRefused extends EdgeError {
  readonly code = 'runtime.engine-refused';
  readonly disposition = 'retry';
  readonly status: number;

  constructor(status: number, message: string, cause: unknown) {
    super(message, { cause });
    this.status = status;
  }
}

/** The engine's own sentence, without what dockerode wraps around it. */
export function refusal(error: Error): string {
  const { json } = error as Error & { readonly json?: { readonly message?: unknown } | null };
  return typeof json?.message === 'string' ? json.message : error.message;
}

/** Undefined where the engine says that there is no such thing. */
export async function absentAs404<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof EngineRefused && error.status === 404) return undefined;
    throw error;
  }
}
