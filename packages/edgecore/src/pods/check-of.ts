import { authority } from '@skerry/shared/authority';
import type { Check } from '../probes/check.ts';
import { expand } from './expand.ts';
import type { Handler, HttpGetAction, PortReference } from './handlers.ts';
import type { Container } from './pod.ts';

/** What a probe or hook of a container asks, and where. `podIp` is empty until there is an address. */
export function checkOf(
  { exec, httpGet, tcpSocket, grpc }: Handler,
  container: Container,
  podIp: string,
): Check {
  if (exec) return { type: 'exec', command: commandOf(exec.command ?? [], container) };
  if (httpGet) return httpCheck(httpGet, container, podIp);
  if (tcpSocket)
    return at(tcpSocket.port, tcpSocket.host, { container, podIp }, (host, port) => ({
      type: 'tcp',
      host,
      port,
    }));
  if (grpc)
    return at(grpc.port, undefined, { container, podIp }, (host, port) => ({
      type: 'grpc',
      host,
      port,
      service: grpc.service ?? '',
    }));
  return { type: 'impossible', message: 'no handler is specified' };
}

function httpCheck(action: HttpGetAction, container: Container, podIp: string): Check {
  const { path = '/', scheme = 'HTTP', httpHeaders = [] } = action;
  return at(action.port, action.host, { container, podIp }, (host, port) => ({
    type: 'http',
    url: `${scheme.toLowerCase()}://${authority(host, port)}${path.startsWith('/') ? '' : '/'}${path}`,
    headers: httpHeaders.map(({ name, value }) => [name, value]),
  }));
}

interface Place {
  readonly container: Container;
  readonly podIp: string;
}

function at(
  port: PortReference,
  host: string | undefined,
  { container, podIp }: Place,
  make: (host: string, port: number) => Check,
): Check {
  const number = portNumber(port, container);
  if (number === undefined)
    return {
      type: 'impossible',
      message: `couldn't find port: ${String(port)} for ${container.name}`,
    };
  const where = host === undefined || host === '' ? podIp : host;
  if (where === '') return { type: 'impossible', message: 'the pod has no address' };
  return make(where, number);
}

/** A name is looked for among the container's own ports; digits in quotes are a number all the same. */
function portNumber(port: PortReference, { ports = [] }: Container): number | undefined {
  const named = ports.find(({ name }) => name !== undefined && name === port)?.containerPort;
  const number = named ?? Number(port);
  return Number.isInteger(number) && number > 0 && number < 65_536 ? number : undefined;
}

/** Only what the manifest itself says is known before the container runs. */
function commandOf(command: readonly string[], { env = [] }: Container): string[] {
  const literal = env.filter(({ valueFrom }) => valueFrom === undefined);
  const variables = new Map(literal.map(({ name, value = '' }) => [name, value]));
  return command.map((word) => expand(word, variables));
}
