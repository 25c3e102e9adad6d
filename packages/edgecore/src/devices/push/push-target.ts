import { textAt, valueAt, type Json, type JsonObject } from '@skerry/apiserver/json';
import type { PushTarget } from '../../push/push-target.ts';
import type { Qos } from '../bus.ts';
import { topicProblem } from '../topic-filter.ts';

/** What `pushMethod` asks for: what is done, and what is not, in words. */
export interface PushPlan {
  readonly targets: readonly PushTarget[];
  readonly unserved: readonly string[];
}

const defaultTimeoutMs = 5_000;
const readers: Readonly<Record<string, (config: Json) => PushTarget | string>> = {
  http: readHttp,
  mqtt: readMqtt,
};

/** Reads `pushMethod`; a method that is not served, or not as it is said, is named. */
export function readPushMethod(pushMethod: JsonObject): PushPlan {
  const targets: PushTarget[] = [];
  const unserved: string[] = [];
  for (const [method, config] of Object.entries(pushMethod)) {
    const read = Object.hasOwn(readers, method) ? readers[method]?.(config) : method;
    if (typeof read === 'object') targets.push(read);
    else unserved.push(read ?? method);
  }
  return { targets, unserved };
}

function readHttp(config: Json): PushTarget | string {
  const host = textAt(config, 'hostName') ?? '';
  const port = numberAt(config, 'port');
  const base = `${/^https?:\/\//.test(host) ? '' : 'http://'}${host}`;
  const path = textAt(config, 'requestPath') ?? '/';
  const url = URL.parse(
    `${base}${port === undefined ? '' : `:${port}`}${path.startsWith('/') ? path : `/${path}`}`,
  );
  if (host === '' || !url) return 'http: hostName, port and requestPath are not a URL';
  const timeoutMs = numberAt(config, 'timeout') ?? 0;
  return { method: 'http', url: url.href, timeoutMs: timeoutMs > 0 ? timeoutMs : defaultTimeoutMs };
}

const schemes: Readonly<Record<string, string>> = { tcp: 'mqtt', ssl: 'mqtts', tls: 'mqtts' };
const qualities: readonly (number | undefined)[] = [0, 1, 2];

function readMqtt(config: Json): PushTarget | string {
  const url = brokerUrl(textAt(config, 'address') ?? '');
  if (!url) return 'mqtt: address is not that of a broker';
  const topic = textAt(config, 'topic') ?? '';
  const problem = topicProblem(topic);
  if (problem) return `mqtt: topic ${problem}`;
  const qos = numberAt(config, 'qos') ?? 1;
  if (!qualities.includes(qos)) return 'mqtt: qos is not 0, 1 or 2';
  const retain = valueAt(config, 'retained') === true;
  return { method: 'mqtt', url, topic, qos: qos as Qos, retain };
}

/** Addresses have the schemes of other client libraries, or none. */
function brokerUrl(address: string): string | undefined {
  const [, scheme = 'mqtt', rest = address] = /^([a-z]+):\/\/(.*)$/.exec(address) ?? [];
  const url = rest === '' ? null : URL.parse(`${schemes[scheme] ?? scheme}://${rest}`);
  return url && /^(mqtts?|wss?):$/.test(url.protocol) ? url.href : undefined;
}

function numberAt(config: Json, name: string): number | undefined {
  const value = valueAt(config, name);
  return typeof value === 'number' ? value : undefined;
}
