import { fileURLToPath } from 'node:url';

/** Programs that others of ours start, and a module that is loaded before them. */
const modules = {
  cloudhub: 'packages/cloudhub/bin/cloudhub.js',
  edgecore: 'packages/edgecore/bin/edgecore.js',
  'end-with-parent': 'packages/cli/dist/up/end-with-parent.js',
  thermometer: 'examples/thermometer/thermometer.ts',
} as const;

const root = new URL('../../../', import.meta.url);

/**
 * A file or directory that comes with Skerry, for example `deploy/crds/`: its absolute path. A package has
 * another shape than a checkout: there, `packaged-installation.ts` takes the place of this module.
 */
export function installed(path: string): string {
  return fileURLToPath(new URL(path, root));
}

/** The absolute path of a module that Node can run. */
export function installedModule(name: keyof typeof modules): string {
  return installed(modules[name]);
}
