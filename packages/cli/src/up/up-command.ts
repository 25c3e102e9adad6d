import { systemClock } from '@skerry/shared/clock';
import type { Command } from '@skerry/shared/command-line';
import { logLevels } from '@skerry/shared/log';
import { runDaemon } from '@skerry/shared/process';
import { forPeople } from '../for-people.ts';
import { upSettings } from './settings.ts';

/** `skerry up`, which is also `npm start`. */
export const upCommand: Command = {
  name: 'up',
  summary: 'Run a whole system on this machine: cluster, hub, one edge node, pods and devices.',
  details:
    'Starts a Kubernetes API, the cloud hub, the edge agent of node edge-1 with its MQTT broker, a demo ' +
    'pod and a demo thermometer, and shows how to look around with kubectl. Ctrl-C stops all of it; ' +
    'what it knew is kept, and there again at the next start.',
  options: [
    {
      flags: '--data-dir <directory>',
      doc: 'where certificates, objects and logs are kept',
      default: '.skerry',
    },
    { flags: '--fresh', doc: 'forget what an earlier start left there' },
    { flags: '--port-offset <number>', doc: 'add this to every port', default: '0' },
    {
      flags: '--log-level <level>',
      doc: 'least severe line in the logs of the daemons',
      choices: logLevels,
      default: 'info',
    },
    {
      flags: '--tracing-endpoint <url>',
      doc: 'where an OpenTelemetry collector takes traces of both daemons, as OTLP over HTTP',
    },
    { flags: '--no-demo', doc: 'without the demo pod and the thermometer' },
  ],
  examples: [
    { command: 'skerry up', does: 'start, or go on where it was stopped' },
    { command: 'skerry up --fresh', does: 'begin anew' },
    {
      command: 'skerry up --data-dir /tmp/second --port-offset 100',
      does: 'a second system beside the first',
    },
    {
      command: 'skerry up --tracing-endpoint http://127.0.0.1:4318/v1/traces',
      does: 'show a collector here where each change spends its time',
    },
  ],
  run: async (said) => {
    const settings = upSettings(said, process.env);
    const screen = process.stdout;
    const { runUp } = await import('./up.ts'); // most of this program, and only used here
    await runDaemon({ log: forPeople() }, (signal) =>
      runUp(settings, { screen, clock: systemClock }, signal),
    );
  },
};
