import { systemClock, systemRandom } from '@skerry/shared/clock';
import type { Command } from '@skerry/shared/command-line';
import { runDaemon } from '@skerry/shared/process';
import { forPeople } from '../for-people.ts';
import { loads } from './device-load.ts';
import { simSettings } from './settings.ts';

/** Removing ten thousand Nodes takes its time. */
const shutdownSeconds = 300;

/** `skerry sim`: load for a hub, without machines. */
export const simCommand: Command = {
  name: 'sim',
  summary: 'Load a hub with simulated edge nodes and devices, and measure how it fares.',
  details:
    'Every simulated node has a certificate and a connection of its own and speaks the protocol of a real ' +
    'one; it keeps what it holds in memory, runs no pods, and thousands fit into this process. Devices ' +
    'are objects in the cluster, of the protocol virtual, that report every --report-seconds what their ' +
    '--generator gives. Every second some are ' +
    'asked for another value, and it is measured how long that takes to the node.\n\n' +
    'Run it beside "skerry up". Ctrl-C, or the end of --duration, closes all connections, removes the ' +
    'nodes and devices that it made from the cluster, and prints what was seen. Figures are as seen from ' +
    'this process: when it is short of CPU, so are they.',
  options: [
    { flags: '--nodes <number>', doc: 'how many nodes', default: '100' },
    { flags: '--devices <number>', doc: 'how many devices, spread over the nodes', default: '0' },
    { flags: '--duration <seconds>', doc: 'for how long; without it until Ctrl-C' },
    { flags: '--report-seconds <seconds>', doc: 'how often a device reports', default: '10' },
    {
      flags: '--generator <kind>',
      doc: 'how values change: a generator of the protocol virtual',
      choices: Object.keys(loads),
      default: 'random-walk',
    },
    {
      flags: '--changes-per-second <number>',
      doc: 'desired values set each second, in total',
      default: '1',
    },
    {
      flags: '--starts-per-second <number>',
      doc: 'how many nodes begin to connect each second',
      default: '500',
    },
    { flags: '--prefix <name>', doc: 'how the names of nodes and devices begin', default: 'sim' },
    {
      flags: '--data-dir <directory>',
      doc: 'where "skerry up" keeps its state: the hub, the kubeconfig and the authority are from there',
      default: '.skerry',
    },
    { flags: '--hub <url>', doc: 'another hub, for example wss://hub.example:10000' },
    { flags: '--kubeconfig <file>', doc: 'the cluster of that hub' },
    { flags: '--pki <directory>', doc: 'ca.crt and ca.key that the hub trusts nodes by' },
    {
      flags: '-o, --output <format>',
      doc: 'what the summary is printed as; json is one line on standard output',
      choices: ['text', 'json'],
      default: 'text',
    },
  ],
  examples: [
    { command: 'skerry sim --nodes 1000', does: 'a thousand idle nodes at the hub of "skerry up"' },
    {
      command: 'skerry sim --nodes 500 --devices 5000 --report-seconds 20',
      does: '250 readings a second from 5,000 devices',
    },
    {
      command: 'skerry sim --nodes 2000 --duration 60 -o json | jq .in_sync_seconds',
      does: 'how long it takes until 2,000 nodes are in sync',
    },
    {
      command:
        'skerry sim --hub wss://hub.example:10000 --kubeconfig ~/.kube/config --pki /etc/skerry/pki',
      does: 'a hub elsewhere',
    },
  ],
  run: async (said) => {
    const settings = simSettings(said);
    const { runSim } = await import('./sim.ts');
    const parts = { out: process.stdout, screen: process.stderr };
    await runDaemon({ log: forPeople(), shutdownSeconds }, (signal) =>
      runSim(settings, { ...parts, clock: systemClock, random: systemRandom }, signal),
    );
  },
};
