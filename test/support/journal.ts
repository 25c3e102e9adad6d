import { execFile } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const patienceMs = 60_000;
const last = 'the last entry';

/**
 * A journald of our own sees nothing of the machine's: it has processes, /run and /var/log to itself, and a
 * namespace, so that it leaves the kernel's messages alone. It ends with this script.
 */
const journald = `
set -e
mount -t tmpfs none /run
mount --bind "$1" /var/log
shift
mkdir -p /var/log/journal /run/systemd/journal.test /run/systemd/journal
/lib/systemd/systemd-journald test 2>/dev/null &
until [ -S /run/systemd/journal.test/socket ]; do sleep 0.05; done
mount --bind /run/systemd/journal.test /run/systemd/journal
for entry in "$@"; do printf '%s' "$entry" | logger --journald; done
until journalctl --directory="$(echo /var/log/journal/*)" --quiet | grep -q '${last}'; do sleep 0.05; done
kill $!
wait $! || true
`;

/** An entry of a unit as systemd itself would log it. */
export function entryOf(unit: string, message: string): string {
  return `MESSAGE=${message}\nSYSLOG_IDENTIFIER=plant\nOBJECT_SYSTEMD_UNIT=${unit}\n`;
}

/** Has a real journald write entries below `directory`; answers where journalctl finds them. Needs root. */
export async function writeJournal(directory: string, entries: readonly string[]): Promise<string> {
  const log = join(directory, 'log');
  await mkdir(log, { recursive: true });
  const apart = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
  const words = [...apart, 'sh', '-c', journald, 'sh', log, ...entries, `MESSAGE=${last}\n`];
  await promisify(execFile)('unshare', words, { timeout: patienceMs, killSignal: 'SIGKILL' });
  const [machine = ''] = await readdir(join(log, 'journal'));
  return join(log, 'journal', machine);
}
