import { defineConfig } from 'vitest/config';

/**
 * Five projects, least powerful first: `unit` (beside the code, no real parts), `sim` (hub and edge in
 * one process, on a simulated network, disk and clock), `real` (one room against its real peer: Docker,
 * Mosquitto, kubectl), `e2e` (the daemons as separate processes), `chaos` (those, under every fault at
 * once).
 */
/** Files with real parts that run at once: they mostly wait, and each starts processes of its own. */
const atOnce = 2;

const conditions = ['source', 'node', 'import', 'module', 'default'];

export default defineConfig({
  ssr: { resolve: { conditions, externalConditions: ['node', 'import', 'default'] } },
  resolve: { conditions },
  test: {
    expect: { poll: { timeout: 50_000 } }, // no test is decided by it: it bounds how long a broken thing is waited for
    setupFiles: ['./test/support/property-seed.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          isolate: false, // nothing of ours keeps state in modules, and loading them 140 times takes a minute
        },
      },
      {
        extends: true,
        test: {
          name: 'sim',
          include: ['test/{sim,transcripts}/**/*.test.ts'],
          testTimeout: 60_000,
          maxWorkers: '100%', // the seeds are split over two files, and nothing else keeps a core busy
        },
      },
      {
        extends: true,
        test: {
          name: 'real',
          include: [
            'test/real/**/*.test.ts',
            'test/conformance/**/*.test.ts',
            'test/golden/**/*.test.ts',
          ],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          globalSetup: 'test/support/one-engine.ts',
          maxWorkers: atOnce,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          globalSetup: 'test/support/one-engine.ts',
          maxWorkers: atOnce,
        },
      },
      {
        extends: true,
        test: { name: 'chaos', include: ['test/chaos/**/*.test.ts'] },
      },
    ],
  },
});
