/** A metric as a daemon explains it. */
export interface Family {
  readonly type: string;
  readonly help: string;
}

/** What the daemon at `port` measures, by name. */
export async function familiesOf(port: number): Promise<ReadonlyMap<string, Family>> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const said = (what: string): Map<string, string> =>
    new Map(
      [...text.matchAll(new RegExp(`^# ${what} (\\S+) (.+)$`, 'gm'))].map(
        ([, name = '', value = '']) => [name, value],
      ),
    );
  const help = said('HELP');
  return new Map(
    [...said('TYPE')].map(([name, type]) => [name, { type, help: help.get(name) ?? '' }]),
  );
}

/** Samples of one metric of the daemon at `port`, by the value of a label. */
export async function samplesOf(
  port: number,
  metric: string,
  label: string,
): Promise<ReadonlyMap<string, number>> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const sample = new RegExp(`^${metric}\\{.*?${label}="([^"]*)".*?\\} (\\S+)$`, 'gm');
  return new Map([...text.matchAll(sample)].map(([, name = '', value]) => [name, Number(value)]));
}

/** The names under which samples of these metrics can be asked for. */
export function sampleNames(families: ReadonlyMap<string, Family>): Set<string> {
  return new Set(
    [...families].flatMap(([name, { type }]) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  );
}

const words = new Set(['and', 'or', 'unless', 'bool', 'offset', 'inf', 'nan']);

/** The metrics that an expression of PromQL asks for: names that are no function, keyword or label. */
export function metricsIn(expression: string): string[] {
  const bare = expression
    .replaceAll(/"(?:[^"\\]|\\.)*"/g, '')
    .replaceAll(/\{[^}]*\}/g, '')
    .replaceAll(/\[[^\]]*\]/g, '')
    .replaceAll(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, '');
  return [...bare.matchAll(/(?<![\w.$])([a-zA-Z_:][\w:]*)(?!\s*\(|\w)/g)]
    .map(([, name = '']) => name)
    .filter((name) => !words.has(name.toLowerCase()));
}
