import { resourceName, type ResourceName } from '@skerry/shared/names';

/** Alerts, which a node raises, shows and tells the cluster of. */
export const alertsResource: ResourceName = resourceName('alerts', 'edge.skerry.io');
