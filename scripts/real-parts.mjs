/**
 * The real programs that tests talk to. Missing ones are installed from Debian packages when we are
 * root; otherwise they are named, with what to do about it.
 */
import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { capture, timed } from './toolchain.mjs';

const parts = [
  { program: 'dockerd', package: 'docker.io', for: 'Docker Engine' },
  { program: 'ip', package: 'iproute2', for: 'networks of containers' },
  { program: 'iptables', package: 'iptables', for: 'networks of containers' },
  { program: 'mosquitto', package: 'mosquitto', for: 'an MQTT broker that is not ours' },
  { program: 'mosquitto_pub', package: 'mosquitto-clients', for: 'MQTT clients' },
  { program: 'busybox', package: 'busybox-static', for: 'programs to run in containers' },
  { program: 'journalctl', package: 'systemd', for: 'a journal' },
  { program: 'kubectl', package: 'kubernetes-client', for: 'kubectl' },
];

/** Provides every part, or throws an error that names each missing one. */
export async function provideRealParts() {
  const missing = parts.filter(({ program }) => !isInstalled(program));
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || !isInstalled('apt-get')) throw new Error(whatToDo(missing));
  await timed('install real parts', () => installPackages(missing));
  const still = parts.filter(({ program }) => !isInstalled(program));
  if (still.length > 0) throw new Error(whatToDo(still));
}

async function installPackages(missing) {
  const packages = missing.map((part) => part.package);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await capture(['apt-get', 'update', '-q'], { env });
  await capture(['apt-get', 'install', '-q', '-y', '--no-install-recommends', ...packages], {
    env,
  });
  // The package starts a broker of its own at 1883, which is where `npm start` wants to have one.
  if (packages.includes('mosquitto') && existsSync('/run/systemd/system'))
    await capture(['systemctl', 'disable', '--now', 'mosquitto']);
}

function whatToDo(missing) {
  const names = missing.map(({ program, for: purpose }) => `  ${program} (${purpose})`);
  const packages = missing.map((part) => part.package).join(' ');
  return [
    'Tests talk to real programs, and these are missing:',
    ...names,
    'On Debian and its kin, as root:',
    `  apt-get update && apt-get install -y --no-install-recommends ${packages}`,
  ].join('\n');
}

function isInstalled(program) {
  const places = `${process.env.PATH ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`.split(':');
  return places.some((place) => {
    try {
      accessSync(join(place, program), constants.X_OK);
      return place !== '';
    } catch {
      return false;
    }
  });
}
