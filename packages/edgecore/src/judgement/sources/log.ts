import type { Fields } from '../fields.ts';
import { logFile, type LinesSince } from './log-file.ts';
import { matcherOf } from './matching-lines.ts';
import { runProgram } from './run-program.ts';
import { CannotSample, type OpenSource, type SourceParts } from './source.ts';

/** Lines of a container that are looked at, at most. */
const containerLines = 2_000;
/** Entries of a journal that are looked at, at most; of more, the newest. */
const journalLineLimit = 10_000;
/** Of those, so many bytes. */
const journalBytes = 1024 * 1024;
/** Lines that are shown as evidence. */
const evidenceLines = 5;

/** Lines that match, counted over the span before now. */
export const log: OpenSource = (settings, parts) => {
  const matching = matcherOf(settings.text('pattern'), `${settings.path}.pattern`);
  const bounds = { min: 1, max: 86_400, whole: true };
  const spanMs = 1_000 * settings.number('windowSeconds', bounds, 300);
  const lines = linesOf(settings, parts);
  const found = async (signal: AbortSignal): Promise<string[]> =>
    matching(await lines(parts.clock.now() - spanMs, signal));
  return {
    sample: async (signal) => (await found(signal)).length,
    evidence: async (signal) => (await found(signal)).slice(-evidenceLines),
  };
};

function linesOf(settings: Fields, parts: SourceParts): LinesSince {
  switch (settings.only(['file', 'journal', 'container'])) {
    case 'file':
      return logFile(settings.text('file'), parts.clock);
    case 'journal':
      return journalLines(settings.text('journal'));
    case 'container':
      return containerLog(settings.inner('container'), parts);
  }
}

/** By journalctl. That there is no journal to be read is no sign that all is well. */
function journalLines(unit: string): LinesSince {
  const newest = ['--reverse', `--lines=${journalLineLimit}`];
  const command = ['journalctl', `--unit=${unit}`, ...newest, '--output=short-iso', '--no-pager'];
  return async (since, signal) => {
    const words = [...command, `--since=@${Math.floor(since / 1_000)}`];
    const ran = runProgram(words, signal, journalBytes).catch((error: unknown) => {
      throw new CannotSample('this machine has no journalctl; use a file', { cause: error });
    });
    const { exitCode, output } = await ran;
    if (exitCode !== 0) throw new CannotSample(`journalctl: ${output.trim().slice(0, 200)}`);
    const unseen = noJournal.exec(output);
    if (unseen) throw new CannotSample(`journalctl: ${unseen[0]}`);
    return output.split('\n').filter(isEntry).toReversed();
  };
}

/** What journalctl says, and ends with 0, where it has shown nothing or not everything. */
const noJournal = /^(?:No journal files were|Hint: You are currently not seeing messages).*/m;
/** An entry begins with its time, and further lines of it with spaces; anything else is a remark. */
const isEntry = (line: string): boolean => /^(?:\d{4}-| )/.test(line);

function containerLog(settings: Fields, { runtimes }: SourceParts): LinesSince {
  const namespace = settings.text('namespace', 'default');
  const [pod, name] = [settings.text('pod'), settings.text('container')];
  return async (since, signal) => {
    for (const runtime of runtimes.ready()) {
      const pods = await runtime.list({ namespace, name: pod }, signal);
      const runs = pods.flatMap(({ containers }) => containers);
      const newest = runs.findLast(({ mark }) => mark.name === name);
      if (!newest) continue;
      const lines: string[] = [];
      for await (const { time, text } of runtime.logs(
        newest.id,
        { tailLines: containerLines },
        signal,
      ))
        if (Date.parse(time) > since) lines.push(text);
      return lines;
    }
    throw new CannotSample(`there is no container ${name} of pod ${namespace}/${pod}`);
  };
}
