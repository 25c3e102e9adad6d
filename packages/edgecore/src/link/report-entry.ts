import { reportClasses, type TimedReport } from '@skerry/shared/delivery/report';
import type { TraceContext } from '@skerry/shared/tracing/trace-context';
import { isObjectKey } from '@skerry/shared/names';

/** A report on its way. */
export interface QueuedReport extends TimedReport {
  readonly id: number;
  /** Where it is followed on its way. */
  readonly trace?: TraceContext | undefined;
}

const textEncoder = new TextEncoder();
const textDecoder = new TextDecoder('utf-8', { fatal: true });

/** `<id> <class> <key> <at>[ <trace>]\n<payload>` */
export function toEntry({ id, class: kind, key, at, trace, payload }: QueuedReport): Uint8Array {
  const traced = trace === undefined ? '' : ` ${trace}`;
  const head = textEncoder.encode(`${id} ${kind} ${key} ${at}${traced}\n`);
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
  const [id = '', kind = '', key = '', at = '0', trace] = textOf(bytes).split(' ');
  const known = reportClasses.find((one) => one === kind);
  if (!known || !isObjectKey(key) || !isWhole(id) || !isWhole(at)) return undefined;
  const head = { id: Number(id), class: known, key, at: Number(at) };
  return trace === undefined ? head : { ...head, trace };
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
