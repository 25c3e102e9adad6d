/**
 * The reference tokens of a JSON Pointer, unescaped; undefined when `pointer` is neither empty nor
 * starts with a slash.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6901#section-4
 */
export function pointerTokens(pointer: string): readonly string[] | undefined {
  if (pointer === '') return [];
  if (!pointer.startsWith('/')) return undefined;
  return pointer.slice(1).split('/').map(unescapeToken);
}

// The order matters: '~01' is '~1', not '/'.
function unescapeToken(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~');
}
