import { connect, constants, type ClientHttp2Session, type OutgoingHttpHeaders } from 'node:http2';
import {
  encodeHealthRequest,
  readHealthResponse,
  type ServingStatus,
} from '@skerry/proto/health-check';
import { authority } from '@skerry/shared/authority';
import { messageOf } from '@skerry/shared/errors';
import { skerryVersion } from '@skerry/shared/version';
import { failure, success, type Answer, type GrpcCheck } from './check.ts';
import { connectFailure } from './connect-failure.ts';

/** gRPC status codes that are told apart. */
const grpcStatus = { ok: 0, deadlineExceeded: 4, unimplemented: 12 } as const;
/** A compression flag, then the message's length. */
const FRAME_HEADER_BYTES = 5;
/** Far above any answer: a status is two bytes. */
const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * Asks `grpc.health.v1.Health/Check`: SERVING is a success.
 *
 * Sources: https://github.com/grpc/grpc/blob/master/doc/health-checking.md,
 * https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md, and for the sentences
 * `pkg/probe/grpc/grpc.go` of Kubernetes.
 */
export async function askGrpc(
  check: GrpcCheck,
  timeoutMs: number,
  patience: AbortSignal,
  signal: AbortSignal,
): Promise<Answer> {
  const address = authority(check.host, check.port);
  const session = connect(`http://${address}`);
  session.on('error', () => undefined); // the request fails with it, and that is what counts
  try {
    const { code, message, status } = await call(session, check.service, {
      timeoutMs,
      signal: AbortSignal.any([patience, signal]),
    });
    return code === grpcStatus.ok ? verdictOf(status) : refusal(code, message, timeoutMs);
  } catch (error) {
    signal.throwIfAborted();
    if (patience.aborted)
      return failure(`timeout: health rpc did not complete within ${timeoutMs / 1000}s`);
    return failure(`error: failed to connect service at "${address}": ${connectFailure(error)}`);
  } finally {
    session.destroy();
  }
}

function verdictOf(status: ServingStatus | undefined): Answer {
  if (status === 'SERVING') return success;
  return failure(`service unhealthy (responded with "${status ?? 'UNKNOWN'}")`);
}

function refusal(code: number, message: string, timeoutMs: number): Answer {
  if (code === grpcStatus.unimplemented)
    return failure(
      `error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ${message}`,
    );
  if (code === grpcStatus.deadlineExceeded)
    return failure(`timeout: health rpc did not complete within ${timeoutMs / 1000}s`);
  return failure(`error: health rpc probe failed: rpc error: code = ${code} desc = ${message}`);
}

interface Reply {
  readonly code: number;
  readonly message: string;
  readonly status: ServingStatus | undefined;
}

/** A unary call. The status comes in the trailers, or in the headers when there is nothing else. */
function call(
  session: ClientHttp2Session,
  service: string,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    session.once('error', reject); // what kept the session from being, not only that it is none
    const stream = session.request(requestHeaders(timeoutMs), { signal });
    const chunks: Buffer[] = [];
    const said = new Map<string, string>();
    const note = (headers: Readonly<Record<string, unknown>>): void => {
      for (const [name, value] of Object.entries(headers))
        if (typeof value === 'string' || typeof value === 'number') said.set(name, String(value));
    };
    stream.on('response', note);
    stream.on('trailers', note);
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      if (chunks.reduce((sum, { length }) => sum + length, 0) > MAX_ANSWER_BYTES)
        stream.destroy(new Error('the answer is too long'));
    });
    stream.on('error', reject);
    stream.on('end', () => {
      try {
        resolve(replyOf(said, Buffer.concat(chunks)));
      } catch (error) {
        reject(new Error(messageOf(error), { cause: error }));
      }
    });
    stream.end(framed(encodeHealthRequest(service)));
  });
}

function requestHeaders(timeoutMs: number): OutgoingHttpHeaders {
  return {
    [constants.HTTP2_HEADER_METHOD]: 'POST',
    [constants.HTTP2_HEADER_PATH]: '/grpc.health.v1.Health/Check',
    'content-type': 'application/grpc',
    te: 'trailers',
    'user-agent': `kube-probe/skerry-${skerryVersion}`,
    'grpc-timeout': `${timeoutMs}m`,
  };
}

function replyOf(said: ReadonlyMap<string, string>, body: Buffer): Reply {
  const code = said.get('grpc-status');
  if (code === undefined)
    throw new Error(`the answer is not gRPC: HTTP status ${said.get(':status') ?? ''}`);
  const message = decodeURIComponent(said.get('grpc-message') ?? '');
  const isOk = Number(code) === grpcStatus.ok;
  return { code: Number(code), message, status: isOk ? statusOf(body) : undefined };
}

function statusOf(body: Buffer): ServingStatus {
  if (body.length < FRAME_HEADER_BYTES || body[0] !== 0)
    throw new Error('the answer is no gRPC message');
  const end = FRAME_HEADER_BYTES + body.readUInt32BE(1);
  return readHealthResponse(body.subarray(FRAME_HEADER_BYTES, end));
}

function framed(message: Uint8Array): Buffer {
  const header = Buffer.alloc(FRAME_HEADER_BYTES);
  header.writeUInt32BE(message.length, 1);
  return Buffer.concat([header, message]);
}
