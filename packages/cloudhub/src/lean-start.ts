import { setFlagsFromString } from 'node:v8';

/**
 * Keeps V8's young generation at its first size; call it before anything else is imported. What thousands
 * of idle nodes send dies at once, and a young generation that grows to hold more of it only takes a third
 * more memory per node, at no less CPU.
 */
export function startLean(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
