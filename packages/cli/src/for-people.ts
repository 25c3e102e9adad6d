import { messageOf } from '@skerry/shared/errors';
import { silentLog, type Log } from '@skerry/shared/log';

/** People at a terminal are told what ends us in a sentence, not in JSON. */
export function forPeople(): Log {
  const tell = (fields: object): void => {
    const { error } = fields as { error?: unknown };
    process.stderr.write(`\n${messageOf(error)}\n`);
  };
  return { ...silentLog, error: tell };
}
