import type { KubeClient } from '@skerry/cloudhub/kube/kube-client';
import type { ResourceType } from '@skerry/cloudhub/kube/resource';

/** Calls `seen` with every object of a kind that the API shows from now on, until the signal aborts. */
export async function watchObjects(
  api: KubeClient,
  type: ResourceType,
  seen: (object: Buffer) => void,
  signal: AbortSignal,
): Promise<void> {
  const { version } = await api.list(type, { limit: 1 }, signal);
  try {
    const span = { from: version, timeoutSeconds: 3_600 };
    for await (const event of api.watch(type, span, signal))
      if (event.type === 'put') seen(Buffer.from(event.object));
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
