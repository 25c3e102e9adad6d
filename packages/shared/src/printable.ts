/** What terminals act upon instead of showing it: C0, DEL, C1, and what turns the direction of writing. */
const unseen = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;
const layout: readonly string[] = ['\n', '\t'];

/**
 * Text from elsewhere (objects, logs, answers) for a terminal: whoever wrote it says nothing to the terminal.
 * What would is shown as in JSON, `\u001b`; lines and tabs stay.
 */
export function printable(text: string): string {
  return text.replaceAll(unseen, (char) => (layout.includes(char) ? char : escaped(char)));
}

/** The same for what must stay on one line: there are no lines and tabs either. */
export function printableLine(text: string): string {
  return text.replaceAll(unseen, escaped);
}

function escaped(char: string): string {
  if (char === '\n') return '\\n';
  if (char === '\t') return '\\t';
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
