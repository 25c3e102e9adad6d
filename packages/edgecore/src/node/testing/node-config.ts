import type { NodeConfig } from '../node-config.ts';

/** The defaults, with half a core and 256 MiB reserved. */
export const testNodeConfig: NodeConfig = {
  maxPods: 110,
  kubeReserved: { cpu: '500m', memory: '0', ephemeralStorage: '0' },
  systemReserved: { cpu: '0', memory: '256Mi', ephemeralStorage: '0' },
  eviction: {
    memoryAvailable: '100Mi',
    nodefsAvailable: '10%',
    nodefsInodesFree: '5%',
    pidAvailable: '10%',
    transitionSeconds: 300,
  },
  collection: { images: 'ours', highPercent: 85, lowPercent: 80, minimumAgeSeconds: 120 },
  devices: [],
  discover: 'no',
};
