/**
 * Replaces `$(NAME)` by the variable's value and `$$` by `$`. A name that is not known stays as it is
 * written.
 *
 * @see https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/
 */
export function expand(text: string, variables: ReadonlyMap<string, string>): string {
  return text.replaceAll(/\$\$|\$\(([^)]*)\)/g, (written, name: string | undefined) => {
    if (name === undefined) return '$';
    return variables.get(name) ?? written;
  });
}
