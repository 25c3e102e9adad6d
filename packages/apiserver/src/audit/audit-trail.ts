import type { IncomingMessage, ServerResponse } from 'node:http';
import { kubeMicroTime, type Clock } from '@skerry/shared/clock';
import { userInfo } from '../auth/user-info.ts';
import type { User } from '../auth/user.ts';
import type { ResourcePath } from '../http/request-path.ts';
import type { JsonObject } from '../json.ts';
import type { StatusError } from '../status-error.ts';

/** Follows one request from its arrival to the end of its answer. */
export interface AuditTrail {
  /** Who asks, as proved, and whom they act as. */
  asks(proved: User, acting: User): void;
  /** What they want; `path` is absent for what is no resource. */
  wants(verb: string, path?: ResourcePath): void;
  /** They may. */
  allowed(): void;
  /** An answer begins that ends when somebody likes. */
  began(): void;
  failed(failure: StatusError): void;
}

/** Begins to follow a request. */
export type Audit = (request: IncomingMessage, response: ServerResponse) => AuditTrail;

const nowhere: AuditTrail = {
  asks: () => undefined,
  wants: () => undefined,
  allowed: () => undefined,
  began: () => undefined,
  failed: () => undefined,
};

/** Nobody keeps account. */
export const noAudit: Audit = () => nowhere;

/** Where events go; never blocks and never throws. */
export interface AuditSink {
  write(event: JsonObject): void;
}

type Stage = 'ResponseStarted' | 'ResponseComplete';

const maxIdLength = 128;

/**
 * Tells `sink` of each request as an `audit.k8s.io/v1` Event of the level Metadata: who did what to which
 * object and how it ended, without the objects. A watch is told of when it begins and when it ends.
 *
 * @see https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/
 */
export function auditTo(sink: AuditSink, clock: Clock, newId: () => string): Audit {
  return (request, response) => {
    const trail = new Trail(request, clock.now(), newId());
    response.setHeader('audit-id', trail.id);
    trail.onStarted = () => sink.write(trail.event('ResponseStarted', clock.now(), 200));
    response.once('close', () =>
      sink.write(trail.event('ResponseComplete', clock.now(), response.statusCode)),
    );
    return trail;
  };
}

class Trail implements AuditTrail {
  readonly id: string;
  onStarted: () => void = () => undefined;
  readonly #receivedAt: number;
  readonly #head: JsonObject;
  #verb: string;
  #path: ResourcePath | undefined;
  #proved: User | undefined;
  #acting: User | undefined;
  #isAllowed = false;
  #failure: StatusError | undefined;

  constructor(
    { headers, url = '', method = '', socket }: IncomingMessage,
    now: number,
    id: string,
  ) {
    const [given = ''] = [headers['audit-id']].flat();
    this.id = given === '' ? id : given.slice(0, maxIdLength);
    this.#receivedAt = now;
    this.#verb = method.toLowerCase();
    const forwarded = [headers['x-forwarded-for'] ?? ''].flat().join().split(',');
    const sources = [...forwarded, socket.remoteAddress ?? ''].map((address) => address.trim());
    this.#head = {
      requestURI: url,
      sourceIPs: sources.filter((address) => address !== ''),
      userAgent: headers['user-agent'] ?? '',
    };
  }

  asks(proved: User, acting: User): void {
    this.#proved = proved;
    this.#acting = acting;
  }

  wants(verb: string, path?: ResourcePath): void {
    this.#verb = verb;
    this.#path = path;
  }

  allowed(): void {
    this.#isAllowed = true;
  }

  began(): void {
    this.onStarted();
  }

  failed(failure: StatusError): void {
    this.#failure = failure;
  }

  event(stage: Stage, now: number, code: number): JsonObject {
    const { requestURI = '', ...head } = this.#head;
    return {
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: 'Metadata',
      auditID: this.id,
      stage,
      requestURI,
      verb: this.#verb,
      user: this.#proved ? userInfo(this.#proved) : {},
      ...(this.#acting && this.#acting !== this.#proved
        ? { impersonatedUser: userInfo(this.#acting) }
        : {}),
      ...head,
      ...(this.#path ? { objectRef: objectRef(this.#path) } : {}),
      responseStatus: this.#status(code),
      requestReceivedTimestamp: kubeMicroTime(this.#receivedAt),
      stageTimestamp: kubeMicroTime(now),
      ...this.#decision(),
    };
  }

  #status(code: number): JsonObject {
    if (!this.#failure) return { metadata: {}, code };
    const { status, reason, message } = this.#failure;
    return { metadata: {}, status: 'Failure', message, reason, code: status };
  }

  #decision(): JsonObject {
    const isForbidden = !this.#isAllowed && this.#failure?.status === 403;
    if (!this.#isAllowed && !isForbidden) return {};
    const decision = this.#isAllowed ? 'allow' : 'forbid';
    return { annotations: { 'authorization.k8s.io/decision': decision } };
  }
}

function objectRef({
  plural,
  namespace,
  name,
  group,
  version,
  subresource,
}: ResourcePath): JsonObject {
  return {
    resource: plural,
    ...(namespace === '' ? {} : { namespace }),
    ...(name === '' ? {} : { name }),
    ...(group === '' ? {} : { apiGroup: group }),
    apiVersion: version,
    ...(subresource === '' ? {} : { subresource }),
  };
}
