import { EdgeError, messageOf } from '@skerry/shared/errors';

/** A daemon did not answer on its port for health and metrics, or not as it was asked to. */
export class NotAnswered extends EdgeError {
  readonly code = 'daemon.not-answered';
  readonly disposition = 'fatal';
}

/** Where an agent answers on its own machine. */
export const defaultEdge = 'http://127.0.0.1:9641';

const patienceMs = 10_000;

export interface Asking {
  /** What is done there; GET unless given. */
  readonly method?: 'GET' | 'PUT' | 'DELETE';
  readonly body?: string;
  /** Absent: 10 seconds. */
  readonly signal?: AbortSignal;
}

/** Asks an agent or a hub at `address` for `path`; throws NotAnswered. */
export async function askDaemon(
  address: string,
  path: string,
  { signal = AbortSignal.timeout(patienceMs), ...asked }: Asking = {},
): Promise<Response> {
  const url = new URL(path, address).href;
  let response: Response;
  try {
    response = await fetch(url, { ...asked, signal });
  } catch (error) {
    const why = messageOf((error as Error).cause ?? error);
    throw new NotAnswered(`nobody answers at ${address}: ${why}`, { cause: error });
  }
  if (response.ok) return response;
  throw new NotAnswered(`${url} answered ${response.status}: ${(await response.text()).trim()}`);
}
