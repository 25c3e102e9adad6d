import { PodUnfit } from './pod-errors.ts';

type Variables = ReadonlyMap<string, string>;

/**
 * Replaces `$(NAME)` by the variable's value and `$$` by `$`. A name that is not known stays as it is
 * written.
 *
 * @see https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/
 */
export function expand(text: string, variables: Variables): string {
  return replaced(text, (name, written) => variables.get(name) ?? written);
}

/** The same, but a name that is not known throws PodUnfit: no path may be made of it. */
export function expandKnown(text: string, variables: Variables): string {
  return replaced(text, (name) => {
    const value = variables.get(name);
    if (value === undefined) throw new PodUnfit(`missing value for ${JSON.stringify(name)}`);
    return value;
  });
}

function replaced(text: string, valueOf: (name: string, written: string) => string): string {
  return text.replaceAll(/\$\$|\$\(([^)]*)\)/g, (written, name: string | undefined) =>
    name === undefined ? '$' : valueOf(name, written),
  );
}
