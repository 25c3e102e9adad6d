/** A metric as a daemon explains it. */
export interface Family {
  readonly type: string;
  readonly help: string;
  /** Those that a sample has now. */
  readonly labels: ReadonlySet<string>;
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
    [...said('TYPE')].map(([name, type]) => [
      name,
      { type, help: help.get(name) ?? '', labels: labelsIn(text, name) },
    ]),
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

/** `le` says which part of a histogram a sample is, not what it is of. */
function labelsIn(text: string, name: string): Set<string> {
  const samples = text.matchAll(new RegExp(`^${name}(?:_bucket|_sum|_count)?\\{(.*)\\} `, 'gm'));
  const names = [...samples].flatMap(([, labels = '']) => [...labels.matchAll(/(\w+)="/g)]);
  return new Set(names.map(([, label = '']) => label).filter((label) => label !== 'le'));
}

/** The names under which samples of these metrics can be asked for, and of which metric each is. */
export function sampleNames(
  families: ReadonlyMap<string, Pick<Family, 'type'>>,
): ReadonlyMap<string, string> {
  return new Map(
    [...families].flatMap(([name, { type }]) =>
      (type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']).map((part) => [
        `${name}${part}`,
        name,
      ]),
    ),
  );
}
