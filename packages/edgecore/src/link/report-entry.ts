import { reportClasses, type TimedReport } from '@skerry/shared/delivery/report';
import { isObjectKey } from '@skerry/shared/names';

/** A report on its way. */
export interface QueuedReport extends TimedReport {
  readonly id: number;
}

const textEncoder = new TextEncoder();
const textDecoder = new TextDecoder('utf-8', { fatal: true });

/** `<id> <class> <key> <at>\n<payload>` */
export function toEntry({ id, class: kind, key, at, payload }: QueuedReport): Uint8Array {
  const head = textEncoder.encode(`${id} ${kind} ${key} ${at}\n`);
  const entry = new Uint8Array(head.length + payload.length);
  entry.set(head);
  entry.set(payload, head.length);
  return entry;
}

/** Undefined when the entry is not what `toEntry` wrote. An entry without a time is of an older version. */
export function fromEntry(entry: Uint8Array): QueuedReport | undefined {
  const end = entry.indexOf(0x0a);
  const head = end < 0 ? undefined : headOf(entry.subarray(0, end));
  return head && { ...head, payload: entry.subarray(end + 1) };
}

function headOf(bytes: Uint8Array): Omit<QueuedReport, 'payload'> | undefined {
  const [id = '', kind = '', key = '', at = '0'] = textOf(bytes).split(' ');
  const known = reportClasses.find((one) => one === kind);
  if (!known || !isObjectKey(key) || !isWhole(id) || !isWhole(at)) return undefined;
  return { id: Number(id), class: known, key, at: Number(at) };
}

function textOf(bytes: Uint8Array): string {
  try {
    return textDecoder.decode(bytes);
  } catch {
    return '';
  }
}

function isWhole(text: string): boolean {
  return /^\d{1,15}$/.test(text);
}
