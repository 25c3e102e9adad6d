import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonObject } from '@skerry/apiserver/json';
import { codeOf, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import { parseYamlStream } from '@skerry/shared/yaml';
import { MalformedJudgement } from './fields.ts';
import { judgementSpec, type JudgementSpec } from './judgement-spec.ts';

/** Judgements of files: those a node judges by before a hub has given it any. */
export class JudgementFiles {
  readonly #directory: string | undefined;
  readonly #log: Log;
  /** By file, as last read well. */
  #files: ReadonlyMap<string, readonly JudgementSpec[]> = new Map();
  #told = '';

  constructor(directory: string | undefined, log: Log) {
    this.#directory = directory;
    this.#log = log;
  }

  /** What the directory holds now, the first of each name; a file that cannot be read stands as before. */
  async read(): Promise<ReadonlyMap<string, JudgementSpec>> {
    if (this.#directory === undefined) return new Map();
    const flaws: string[] = [];
    const flaw = (error: unknown): void =>
      void flaws.push(`${messageOf(error)} (${codeOf(error)})`);
    const names = await readdir(this.#directory).catch((error: unknown) => {
      flaw(error);
      return [...this.#files.keys()];
    });
    const files = new Map<string, readonly JudgementSpec[]>();
    for (const name of names.filter((one) => /\.(ya?ml|json)$/.test(one)).toSorted()) {
      try {
        files.set(name, judgementsIn(name, await readFile(join(this.#directory, name), 'utf8')));
      } catch (error) {
        flaw(error);
        files.set(name, this.#files.get(name) ?? []);
      }
    }
    this.#files = files;
    this.#tell(flaws.join('; '));
    const byName = new Map<string, JudgementSpec>();
    for (const spec of [...files.values()].flat())
      if (!byName.has(spec.name)) byName.set(spec.name, spec);
    return byName;
  }

  /** Once for each flaw. */
  #tell(flaws: string): void {
    if (flaws !== '' && flaws !== this.#told)
      this.#log.warn({ directory: this.#directory, error: flaws }, 'judgement file not read');
    this.#told = flaws;
  }
}

/** Throws MalformedJudgement, with the name of the file. */
export function judgementsIn(file: string, text: string): JudgementSpec[] {
  return parseYamlStream(text, file).map((value) => {
    const object = (value ?? {}) as JsonObject;
    try {
      if (object['kind'] !== 'StatusJudgement')
        throw new MalformedJudgement('not a StatusJudgement');
      return judgementSpec(object, 'file');
    } catch (error) {
      throw new MalformedJudgement(`${file}: ${messageOf(error)}`, { cause: error });
    }
  });
}
