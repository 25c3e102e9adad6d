import type { Qos } from '../devices/bus.ts';

/** Where something is brought besides the API server. */
export type PushTarget =
  | { readonly method: 'http'; readonly url: string; readonly timeoutMs: number }
  | {
      readonly method: 'mqtt';
      readonly url: string;
      readonly topic: string;
      readonly qos: Qos;
      readonly retain: boolean;
    };

/** The same for the same target: what is for it waits in one line. */
export function targetId(target: PushTarget): string {
  return JSON.stringify(Object.entries(target));
}
