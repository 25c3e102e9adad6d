/** What an HTTP request is about. */
export interface RequestTarget {
  /** As it was sent: percent-encoded, and with its dots. */
  readonly pathname: string;
  readonly query: URLSearchParams;
}

/**
 * Reads the target of a request line. A proxy may name the whole URL, everybody else the path; undefined
 * for anything else, which anybody may send.
 */
export function requestTarget(target = '/'): RequestTarget | undefined {
  if (!target.startsWith('/')) {
    if (!URL.canParse(target)) return undefined;
    const { pathname, searchParams } = new URL(target);
    return { pathname, query: searchParams };
  }
  const at = target.indexOf('?');
  if (at < 0) return { pathname: target, query: new URLSearchParams() };
  return { pathname: target.slice(0, at), query: new URLSearchParams(target.slice(at)) };
}
