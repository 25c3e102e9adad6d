import { createHash } from 'node:crypto';
import { InvariantViolation } from '@skerry/shared/errors';
import { pauseBinaries } from '../pause/pause-binaries.ts';
import type { Engine } from './engine.ts';
import { tarOfExecutable } from './tar.ts';

const REPOSITORY = 'skerry/pause';

/** The built-in sandbox image for this machine: a tar of its root, and a tag that names its bytes. */
export interface PauseImage {
  readonly name: string;
  readonly tag: string;
  readonly tar: Buffer;
}

/** `arch` is `process.arch`. Throws InvariantViolation where Skerry does not run. */
export function pauseImage(arch: string): PauseImage {
  const binary = pauseBinaries[arch as keyof typeof pauseBinaries] as string | undefined;
  if (binary === undefined) throw new InvariantViolation(`no pod sandbox for ${arch}`);
  const content = Buffer.from(binary, 'base64');
  const tag = createHash('sha256').update(content).digest('hex').slice(0, 12);
  return { name: `${REPOSITORY}:${tag}`, tag, tar: tarOfExecutable('pause', content) };
}

/** Gives the engine the image; no registry is asked. */
export function importPauseImage(
  engine: Engine,
  { tag, tar }: PauseImage,
  signal: AbortSignal,
): Promise<void> {
  const changes = 'ENTRYPOINT ["/pause"]';
  return engine.importImage(tar, { repo: REPOSITORY, tag, changes }, signal);
}
