import type { EngineVersion } from './engine-types.ts';

/** One message of a pull or an import. */
export interface PullProgress {
  readonly status?: string;
  readonly error?: string;
}

/** What dockerode takes although its types do not say so. */
export interface Untyped {
  version(options: { readonly abortSignal: AbortSignal }): Promise<EngineVersion>;
  info(options: { readonly abortSignal: AbortSignal }): Promise<{ readonly DockerRootDir: string }>;
  inspect<T>(options: { readonly size?: boolean; readonly abortSignal: AbortSignal }): Promise<T>;
  getEvents(options: {
    readonly filters: string;
    readonly abortSignal: AbortSignal;
  }): Promise<unknown>;
}

export function untyped(part: unknown): Untyped {
  return part as Untyped;
}
