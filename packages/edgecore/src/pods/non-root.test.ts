import { describe, expect, it } from 'vitest';
import { assertNonRoot } from './non-root.ts';
import { podObject } from './testing/pod-node.ts';

const check = (pod: object, container: object, imageUser: string): Promise<void> =>
  assertNonRoot(
    podObject({ securityContext: pod }),
    { name: 'main', securityContext: container },
    () => Promise.resolve(imageUser),
  );
const strict = { runAsNonRoot: true };
const whose = '(pod: "web_default(uid-of-web)", container: main)';

describe('assertNonRoot', () => {
  it.each([
    ['nothing is said', {}, {}, ''],
    ['the container says that it may', strict, { runAsNonRoot: false }, ''],
    ['the pod says another user', { ...strict, runAsUser: 7 }, {}, ''],
    ['the container says another user', strict, { runAsUser: 7 }, '0'],
    ['the image runs as another user', strict, {}, '1000:1000'],
  ])('lets a container be when %s', async (_, pod, container, imageUser) => {
    await check(pod, container, imageUser);
  });

  it.each([
    [{}, strict, '', 'container has runAsNonRoot and image will run as root'],
    [strict, {}, '0:0', 'container has runAsNonRoot and image will run as root'],
    [{ runAsUser: 0 }, strict, '7', "container's runAsUser breaks non-root policy"],
    [
      strict,
      {},
      'www',
      'container has runAsNonRoot and image has non-numeric user (www), cannot verify user is non-root',
    ],
  ])('refuses %j %j of an image of user "%s"', async (pod, container, imageUser, message) => {
    await expect(check(pod, container, imageUser)).rejects.toThrow(`${message} ${whose}`);
  });
});
