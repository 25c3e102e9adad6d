import type { IncomingHttpHeaders } from 'node:http';

const ownNames = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i;

/**
 * Whether a request that comes from this machine may be of a web page that somebody looks at on it: it says
 * from where, or it calls this machine by a name that anybody can have lead here (DNS rebinding). Programs
 * do neither.
 */
export function mayBeOfWebPage({ origin, host = '' }: IncomingHttpHeaders): boolean {
  return origin !== undefined || !ownNames.test(host);
}
