/** A pod that runs as a process of the machine: no engine is needed. `spec` adds to it, or replaces. */
export function processPod(name: string, node: string, spec: object = {}): object {
  const container = { name: 'main', image: 'none', command: ['sleep', '1000'] };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      nodeName: node,
      runtimeClassName: 'process',
      terminationGracePeriodSeconds: 1,
      containers: [container],
      ...spec,
    },
  };
}
