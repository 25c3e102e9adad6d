import { isIP, isIPv4, isIPv6 } from 'node:net';
import { dnsSubdomain } from '../validation/names.ts';

/** Whether a string has the form that a schema's `format` names. Formats not listed allow anything. */
export function fitsFormat(format: string, value: string): boolean {
  return formats.get(format)?.(value) ?? true;
}

const formats: ReadonlyMap<string, (value: string) => boolean> = new Map([
  ['date-time', isDateTime],
  ['date', isDate],
  ['byte', isBase64],
  ['ipv4', isIPv4],
  ['ipv6', isIPv6],
  ['cidr', isCidr],
  ['mac', (value: string) => /^([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}$/.test(value)],
  ['uuid', (value: string) => /^[0-9A-Fa-f]{8}(-?[0-9A-Fa-f]{4}){3}-?[0-9A-Fa-f]{12}$/.test(value)],
  ['uri', (value: string) => URL.canParse(value) || value.startsWith('/')],
  ['email', (value: string) => /^[^\s@]{1,64}@[^\s@.]+(\.[^\s@.]+)*$/.test(value)],
  ['hostname', (value: string) => dnsSubdomain(value.toLowerCase()).length === 0],
  ['duration', (value: string) => /^[+-]?(0|(\d+(\.\d*)?(ns|us|µs|ms|s|m|h))+)$/.test(value)],
]);

/** A day that is in the calendar: the 29th of February only where there is one. */
function isDate(value: string): boolean {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(value) ? Date.parse(value) : NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(value);
}

/** RFC 3339, as Kubernetes writes times. */
export function isDateTime(value: string): boolean {
  const form = /^(\d{4}-\d{2}-\d{2})[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/.exec(
    value,
  );
  return isDate(form?.[1] ?? '') && !Number.isNaN(Date.parse(value));
}

/** Standard base64 with padding; line breaks are allowed, as Go's decoder allows them. */
export function isBase64(value: string): boolean {
  const compact = value.replace(/[\r\n]/g, '');
  return compact.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(compact);
}

function isCidr(value: string): boolean {
  const [address = '', length = '', ...rest] = value.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0 || !/^\d{1,3}$/.test(length)) return false;
  return Number(length) <= (family === 4 ? 32 : 128);
}

/** The largest number that an integer format holds. */
export const integerLimits: ReadonlyMap<string, number> = new Map([
  ['int32', 2 ** 31 - 1],
  ['int64', 2 ** 63],
]);
