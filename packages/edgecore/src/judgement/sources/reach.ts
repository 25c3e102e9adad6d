import { lookup, Resolver } from 'node:dns/promises';
import { askHttp } from '../../probes/ask-http.ts';
import { askTcp } from '../../probes/ask-tcp.ts';
import type { Answer } from '../../probes/check.ts';
import type { Fields } from '../fields.ts';
import { MalformedJudgement } from '../fields.ts';
import { runProgram } from './run-program.ts';
import { CannotSample, type OpenSource, type Source, type SourceParts } from './source.ts';

/** Whether something answers; what it says is of no matter. */
type Reach = (signal: AbortSignal) => Promise<boolean>;

/** 1 or 0 for an answer, or how many milliseconds it took; what does not answer takes no time. */
function reaching(settings: Fields, { clock }: SourceParts, reach: Reach): Source {
  const measure = settings.choice('measure', ['reachable', 'milliseconds'], 'reachable');
  return {
    sample: async (signal) => {
      const begun = clock.monotonic();
      const isReached = await reach(signal);
      if (measure === 'reachable') return isReached ? 1 : 0;
      if (!isReached) throw new CannotSample('there is no answer to be timed');
      return clock.monotonic() - begun;
    },
  };
}

/** A probe that ran out of time got no answer: that is a sample, too. */
const never = new AbortController().signal;
const answered = ({ result }: Answer): boolean => result === 'success' || result === 'warning';

export const tcp: OpenSource = (settings, parts) => {
  const host = settings.text('host');
  const port = settings.number('port', { min: 1, max: 65_535, whole: true });
  const check = { type: 'tcp', host, port } as const;
  return reaching(settings, parts, async (signal) => answered(await askTcp(check, signal, never)));
};

export const http: OpenSource = (settings, parts) => {
  const url = settings.text('url');
  if (!URL.canParse(url) || !/^https?:/.test(url))
    throw new MalformedJudgement(`${settings.path}.url is not a URL of http or https`);
  const check = { type: 'http', url, headers: [] } as const;
  return reaching(settings, parts, async (signal) => answered(await askHttp(check, signal, never)));
};

export const dns: OpenSource = (settings, parts) => {
  const name = settings.text('name');
  const server = settings.optionalText('server');
  if (server !== undefined && !isServer(server))
    throw new MalformedJudgement(`${settings.path}.server is not an address`);
  const resolve = server === undefined ? lookedUp(name) : askedOf(server, name);
  return reaching(settings, parts, (signal) =>
    resolve(signal).then(
      () => true,
      () => false,
    ),
  );
};

/** An IP address, with a port where it is not 53. */
function isServer(server: string): boolean {
  try {
    new Resolver().setServers([server]);
    return true;
  } catch {
    return false;
  }
}

function lookedUp(name: string): (signal: AbortSignal) => Promise<unknown> {
  return () => lookup(name);
}

function askedOf(server: string, name: string): (signal: AbortSignal) => Promise<unknown> {
  return async (signal) => {
    const resolver = new Resolver({ tries: 1 });
    resolver.setServers([server]);
    const cancel = (): void => resolver.cancel();
    signal.addEventListener('abort', cancel, { once: true });
    try {
      return await Promise.any([resolver.resolve4(name), resolver.resolve6(name)]);
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  };
}

/** By the ping program, which may send what needs a privilege that the agent need not have. */
export const icmp: OpenSource = (settings, parts) => {
  const host = settings.text('host');
  if (host.startsWith('-')) throw new MalformedJudgement(`${settings.path}.host is not a host`);
  return reaching(settings, parts, async (signal) => {
    const { exitCode, output } = await runProgram(['ping', '-n', '-c', '1', host], signal).catch(
      (error: unknown) => {
        const advice = 'install it (package iputils-ping), or use tcp or http instead of icmp';
        throw new CannotSample(`the ping program cannot be run: ${advice}`, { cause: error });
      },
    );
    const refused = notAllowed.exec(output);
    if (refused) throw new CannotSample(`ping ${host}: ${refused[0]}; the agent may not ping`);
    if (exitCode > 1 && !noWay.test(output))
      throw new CannotSample(`ping ${host}: ${output.trim().slice(0, 200)}`);
    return exitCode === 0;
  });
};

/** What pings say who lack the privilege; that of busybox ends as if the host were silent. */
const notAllowed = /operation not permitted|permission denied/i;
/** Where iputils knows without asking that it reaches nobody, it ends as if it were called wrongly. */
const noWay = /unreachable|no route|name or service not known|name resolution|no address/i;
