import type { Audit } from './audit/audit-trail.ts';
import { OpenApiDocuments } from './discovery/open-api.ts';
import { backupPath, sendBackup } from './http/backup.ts';
import type { Served } from './http/handler.ts';
import type { MeasuredRequests } from './http/measured-requests.ts';
import { Peers } from './http/peer.ts';
import { answerPlainPath } from './http/plain-paths.ts';
import { send } from './http/reply.ts';
import { whoAsks } from './http/who-asks.ts';
import type { RestParts } from './rest/call.ts';
import { dispatch } from './rest/dispatch.ts';

/** What a door shows of a whole API server. */
export function servedBy(parts: RestParts, measured: MeasuredRequests, audit: Audit): Served {
  const { registry, authorizer, clock, log, store, signer, knownTokens } = parts;
  const openApi = new OpenApiDocuments(registry);
  const who = {
    peers: new Peers(),
    tokens: { objects: store, signer, knownTokens, now: () => clock.now() },
  };
  return {
    ...{ registry, authorizer, clock, log, measured, audit },
    whoAsks: (request) => whoAsks(who, request),
    perform: (call, verb) => dispatch(parts, call, verb),
    sendPlainPath: async (path, { headers }, response) => {
      if (path === backupPath) await sendBackup(parts, response);
      else send(response, await answerPlainPath({ ...parts, openApi }, path, headers.accept ?? ''));
    },
  };
}
