import { grpc } from '../gen/frames.js';

const { HealthCheckRequest, HealthCheckResponse } = grpc.health.v1;

export type ServingStatus = 'UNKNOWN' | 'SERVING' | 'NOT_SERVING' | 'SERVICE_UNKNOWN';

/** The message of a call of `grpc.health.v1.Health/Check`; an empty name asks about the whole server. */
export function encodeHealthRequest(service: string): Uint8Array {
  return HealthCheckRequest.encode({ service }).finish();
}

/** What such a call answered. A status of a newer protocol is UNKNOWN. Throws on bytes that are none. */
export function readHealthResponse(message: Uint8Array): ServingStatus {
  const { status } = HealthCheckResponse.decode(message);
  const names: Readonly<Record<number, ServingStatus>> = {
    1: 'SERVING',
    2: 'NOT_SERVING',
    3: 'SERVICE_UNKNOWN',
  };
  return names[status] ?? 'UNKNOWN';
}
