import { textAt } from '@skerry/apiserver/json';
import { answerCodes } from '@skerry/proto/questions';
import type { Clock } from '@skerry/shared/clock';
import { QuestionRefused, type Answerer } from '../link/questions.ts';
import type { History } from './history.ts';
import { deviceId } from './device-id.ts';
import { getHistory } from './topics/history-get.ts';
import { Refused, readRequest } from './topics/request.ts';
import type { TwinStore } from './twin-store.ts';

export interface HistoryParts {
  readonly twins: TwinStore;
  readonly history: History;
  readonly clock: Clock;
}

/**
 * Answers a hub as `…/history/get` answers programs at the node; the body also has the device's
 * `namespace` and `name`.
 */
export function historyAnswerer(parts: HistoryParts): Answerer {
  return async (payload) => {
    try {
      const request = readRequest(payload);
      const namespace = textAt(request.body, 'namespace') ?? '';
      const device = deviceId(namespace, textAt(request.body, 'name') ?? '');
      return await getHistory(parts, device, request, parts.clock.now());
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const why = error.result === 404 ? answerCodes.notFound : answerCodes.malformed;
      throw new QuestionRefused(why, error.message);
    }
  };
}
