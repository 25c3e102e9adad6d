import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { pauseBinaries } from '../pause/pause-binaries.ts';
import { shimBinaries } from '../process/shim-binaries.ts';
import { pauseImage } from './pause-image.ts';

/** `e_machine` of an ELF header. */
const machines = { x64: 62, arm64: 183, arm: 40, riscv64: 243 } as const;

describe.each([
  ['pause', pauseBinaries],
  ['shim', shimBinaries],
])('the %s binaries', (_, binaries) => {
  it.each(Object.entries(machines))('for %s are for that machine', (arch, machine) => {
    const elf = Buffer.from(binaries[arch as keyof typeof machines], 'base64');
    expect(elf.subarray(0, 4).toString('latin1')).toBe('\x7fELF');
    expect(elf.readUInt16LE(18)).toBe(machine);
    expect(elf.readUInt16LE(16)).toBe(2); // an executable, bound to nothing
  });
});

describe('pauseImage', () => {
  it('is a tar of one executable, named for its bytes', () => {
    const { tar, name, tag } = pauseImage('arm64');
    expect(name).toBe(`skerry/pause:${tag}`);
    const listed = execFileSync('tar', ['-tvf', '-'], { input: tar, encoding: 'utf8' });
    expect(listed).toMatch(/^-rwxr-xr-x 0\/0 +\d+ 1970-01-01 \d\d:\d\d pause\n$/);
    expect(execFileSync('tar', ['-xOf', '-', 'pause'], { input: tar })).toEqual(
      Buffer.from(pauseBinaries.arm64, 'base64'),
    );
    expect(pauseImage('x64').tag).not.toBe(tag);
  });

  it('is none where Skerry does not run', () => {
    expect(() => pauseImage('mips')).toThrow('no pod sandbox for mips');
  });
});
