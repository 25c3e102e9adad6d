import { daysUntilExpiry } from '@skerry/shared/certificate-days';
import { MalformedJudgement } from '../fields.ts';
import { runProgram } from './run-program.ts';
import { CannotSample, type OpenSource } from './source.ts';

/** The link to the hub. */
export const hub: OpenSource = (settings, { hub: link, outbox, clock }) => {
  const measures = [
    'connected',
    'roundTripMilliseconds',
    'outboxAgeSeconds',
    'pendingReports',
    'lastAckSeconds',
  ] as const;
  const measure = settings.choice('measure', measures, 'connected');
  const heartbeat = (): { readonly roundTripMs: number; readonly at: number } => {
    if (link.heartbeat) return link.heartbeat;
    throw new CannotSample('no hub has answered a heartbeat since the agent started');
  };
  return {
    sample: () => {
      switch (measure) {
        case 'connected':
          return link.isUp ? 1 : 0;
        case 'roundTripMilliseconds':
          return heartbeat().roundTripMs;
        case 'outboxAgeSeconds':
          return Math.max(0, clock.now() - (outbox.oldestAt ?? clock.now())) / 1_000;
        case 'pendingReports':
          return outbox.size;
        case 'lastAckSeconds':
          return (clock.monotonic() - heartbeat().at) / 1_000;
      }
    },
  };
};

/** Whether a container runtime answers. */
export const engine: OpenSource = (settings, { runtimes }) => {
  const runtime = settings.choice('runtime', ['docker', 'process'], 'docker');
  return {
    sample: () => {
      const health = runtimes.health().get(runtime);
      if (health?.phase === 'starting') throw new CannotSample(`${runtime} has not answered yet`);
      return health?.phase === 'ready' ? 1 : 0;
    },
  };
};

/** A property of a device: its value as a number, or how long ago it was heard. */
export const device: OpenSource = (settings, { heard, clock }) => {
  const namespace = settings.text('namespace', 'default');
  const [name, property] = [settings.text('name'), settings.text('property')];
  const measure = settings.choice('measure', ['value', 'ageSeconds'], 'value');
  return {
    sample: async () => {
      const last = await heard(namespace, name, property);
      if (!last) throw new CannotSample(`the device ${name} has not reported ${property}`);
      if (measure === 'ageSeconds') return Math.max(0, clock.now() - last.at) / 1_000;
      const value = numberOf(last.value);
      if (value !== undefined) return value;
      throw new CannotSample(`${property} of ${name} is ${JSON.stringify(last.value)}, no number`);
    },
  };
};

/** A number in text; true is 1, false is 0. */
export function numberOf(text: string): number | undefined {
  const trimmed = text.trim();
  if (trimmed === 'true' || trimmed === 'false') return Number(trimmed === 'true');
  const value = trimmed === '' ? Number.NaN : Number(trimmed);
  return Number.isFinite(value) ? value : undefined;
}

/** Days until the first certificate of a file expires; negative once it has. */
export const certificate: OpenSource = (settings, parts) => {
  const file = settings.text('file', parts.certificate);
  return {
    sample: () => daysUntilExpiry(file, parts.clock.now()),
  };
};

/** A program of the machine. */
export const command: OpenSource = (settings) => {
  const words = settings.texts('command');
  if (words.length === 0) throw new MalformedJudgement(`${settings.path}.command is empty`);
  const measure = settings.choice('measure', ['exitCode', 'number'], 'exitCode');
  return {
    sample: async (signal) => {
      const { exitCode, output } = await runProgram(words, signal);
      if (measure === 'exitCode') return exitCode;
      const value = numberOf(output);
      if (exitCode === 0 && value !== undefined) return value;
      const said = `exit code ${exitCode}, output ${JSON.stringify(output.slice(0, 100))}`;
      throw new CannotSample(`${words.join(' ')} did not print a number: ${said}`);
    },
  };
};
