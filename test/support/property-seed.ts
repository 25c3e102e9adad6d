import process from 'node:process';
import fc from 'fast-check';

/**
 * Property tests try the same cases every time, so that a change is judged by what it changes. With
 * SKERRY_PROPERTY_SEED they try others: any whole number, or `random`; what fails prints its seed.
 */
const asked = process.env['SKERRY_PROPERTY_SEED'] ?? '1';
fc.configureGlobal(asked === 'random' ? {} : { seed: Number(asked) });
