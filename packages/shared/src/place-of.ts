/**
 * Where a URL leads, for logs and messages: `https://hooks.example:8443`. Its user, path and query are left
 * out, for many a webhook and broker is open to whoever knows them.
 */
export function placeOf(url: string): string {
  const parsed = URL.parse(url);
  return parsed ? `${parsed.protocol}//${parsed.host}` : 'what is no URL';
}
