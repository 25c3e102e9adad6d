import { fileURLToPath } from 'node:url';
import type * as checkout from './installation.ts';

/**
 * As in `installation.ts`, where all modules lie in `lib/` of a package (scripts/bundle.mjs).
 *
 * @public
 */
export const installed: typeof checkout.installed = (path) =>
  fileURLToPath(new URL(`../${path}`, import.meta.url));

/** @public */
export const installedModule: typeof checkout.installedModule = (name) =>
  fileURLToPath(new URL(`./${name}.js`, import.meta.url));
