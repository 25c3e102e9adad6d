import { runningEngine, startDockerEngine } from './docker-engine.ts';

/**
 * One Docker Engine for all files of a project, unless the machine has one already.
 *
 * @public vitest calls it by its name: “globalSetup” in vitest.config.ts.
 */
export async function setup(): Promise<() => Promise<void>> {
  if ((await runningEngine()) !== undefined) return () => Promise.resolve();
  const engine = await startDockerEngine();
  process.env['DOCKER_HOST'] = `unix://${engine.socketPath}`;
  return async () => {
    delete process.env['DOCKER_HOST'];
    await engine[Symbol.asyncDispose]();
  };
}
