import { podLabel } from './container-status.ts';
import type { Container, PodObject } from './pod.ts';
import { PodUnfit } from './pod-errors.ts';
import { identityOf } from './pod-shape.ts';

/**
 * Throws PodUnfit when a container that must not run as root would, or when that cannot be told.
 * `userOf` answers as whom the image runs: `UID`, `NAME`, either with `:GROUP`, or nothing for root.
 * Source: `verifyRunAsNonRoot` of `pkg/kubelet/kuberuntime/security_context.go`.
 */
export async function assertNonRoot(
  object: PodObject,
  { name, securityContext: own = {} }: Container,
  userOf: () => Promise<string>,
): Promise<void> {
  const pod = object.spec.securityContext ?? {};
  if ((own.runAsNonRoot ?? pod.runAsNonRoot) !== true) return;
  const user = own.runAsUser ?? pod.runAsUser;
  const problem = user === undefined ? problemOfImage(await userOf()) : problemOfUser(user);
  if (problem === undefined) return;
  throw new PodUnfit(`${problem} (pod: "${podLabel(identityOf(object))}", container: ${name})`);
}

function problemOfUser(user: number): string | undefined {
  return user === 0 ? "container's runAsUser breaks non-root policy" : undefined;
}

function problemOfImage(imageUser: string): string | undefined {
  const [user = ''] = imageUser.split(':');
  if (user === '' || Number(user) === 0)
    return 'container has runAsNonRoot and image will run as root';
  if (/^\d+$/.test(user)) return undefined;
  return `container has runAsNonRoot and image has non-numeric user (${user}), cannot verify user is non-root`;
}
