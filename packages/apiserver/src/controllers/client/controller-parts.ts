import type { RestParts } from '../../rest/call.ts';
import type { ClusterClient } from './cluster-client.ts';

/** What every controller of the cluster is made of. */
export interface ControllerParts extends RestParts {
  readonly client: ClusterClient;
}
