import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hubSpeaks } from './language.ts';
import { Stage } from './stage.ts';

const directory = join(import.meta.dirname, 'conversations');

describe('a session converses as written down:', () => {
  it.each(readdirSync(directory).map((file) => [file.replace(/\.txt$/, ''), file]))(
    '%s',
    async (_name, file) => {
      const written = readFileSync(join(directory, file), 'utf8');
      expect(await replayed(written.split('\n'))).toBe(written);
    },
  );
});

/** The transcript with the hub's lines as the hub says them now. */
async function replayed(lines: readonly string[]): Promise<string> {
  await using stage = await Stage.open();
  const said: string[] = [];
  for (const [at, line] of lines.entries()) {
    if (line.startsWith(hubSpeaks)) continue;
    said.push(line);
    if (line === '' || line.startsWith('#')) continue;
    await stage.play(line);
    const heard = await stage.heard(answersTo(lines, at));
    said.push(...heard.map((one) => hubSpeaks + one));
  }
  return said.join('\n');
}

/** How many lines of the hub follow a line. */
function answersTo(lines: readonly string[], at: number): number {
  const rest = lines.slice(at + 1);
  const end = rest.findIndex((line) => !line.startsWith(hubSpeaks));
  return end < 0 ? rest.length : end;
}
