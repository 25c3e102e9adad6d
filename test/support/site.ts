import { afterAll, beforeAll } from 'vitest';
import { TestSystem, showLogsOfFailures, type Overrides, type TestNode } from './daemons.ts';
import { importBusybox, startDockerEngine, type DockerEngine } from './docker-engine.ts';

/** A hub and one node with a real engine, ready; filled in before the tests of a file run. */
export interface Site {
  readonly engine: DockerEngine;
  /** An image with busybox, on the engine. */
  readonly image: string;
  readonly system: TestSystem;
  readonly node: TestNode;
}

/**
 * Starts a site for the tests of this file and leaves nothing of it. Call it where tests are described.
 * `settings` differ from what it would have.
 */
export function useSite(
  settings: { readonly hub?: Overrides; readonly node?: Overrides } = {},
): Site {
  const site: Partial<Record<keyof Site, unknown>> = {};
  beforeAll(async () => {
    const engine = await startDockerEngine();
    const system = await TestSystem.prepare(settings.hub ? { hub: settings.hub } : {});
    Object.assign(site, { engine, system, image: await importBusybox(engine) });
    await system.startHub();
    const node = await system.addNode({
      docker: { host: `unix://${engine.socketPath}` },
      ...settings.node,
    });
    Object.assign(site, { node });
    await node.daemon.start();
    await system.untilReady(node);
  });
  afterAll(async () => {
    const { system, engine } = site as Partial<Site>;
    await system?.kubectl.run(['delete', 'pods', '--all', '--timeout=90s']);
    await system?.[Symbol.asyncDispose]();
    await engine?.[Symbol.asyncDispose]();
  });
  showLogsOfFailures(() => (site as Partial<Site>).system);
  return site as Site;
}
