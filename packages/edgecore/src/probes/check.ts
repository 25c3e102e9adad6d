/** One question to a container, with everything resolved: what to ask, and where. */
export type Check =
  | { readonly type: 'exec'; readonly command: readonly string[] }
  | HttpCheck
  | TcpCheck
  | GrpcCheck
  /** It cannot be asked, and why. */
  | { readonly type: 'impossible'; readonly message: string };

export interface HttpCheck {
  readonly type: 'http';
  readonly url: string;
  /** In the order in which they are sent; a name may come several times. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

export interface TcpCheck {
  readonly type: 'tcp';
  readonly host: string;
  readonly port: number;
}

/** `grpc.health.v1.Health/Check`, without TLS. */
export interface GrpcCheck {
  readonly type: 'grpc';
  readonly host: string;
  readonly port: number;
  readonly service: string;
}

/**
 * What a container answered. A `warning` counts as a success that somebody should look at; `unknown`
 * says nothing about the container, for it was not reached, and counts as nothing.
 */
export interface Answer {
  readonly result: 'success' | 'warning' | 'failure' | 'unknown';
  readonly message: string;
}

export function failure(message: string): Answer {
  return { result: 'failure', message };
}

export const success: Answer = { result: 'success', message: '' };
