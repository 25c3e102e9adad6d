/** The embedded API over argv[2], with a certificate of its own, in a process of its own. Says where and who. */
import { once } from 'node:events';
import { openApiServer } from '@skerry/apiserver/api-server';
import { systemClock, systemRandom } from '@skerry/shared/clock';
import { silentLog } from '@skerry/shared/log';
import { createAuthority, issueCertificate } from '@skerry/shared/pki';
import type { ServedBench } from './api-process.ts';

const dataDir = process.argv[2] ?? '';
const now = systemClock.now();
const authority = await createAuthority('bench', now);
const server = {
  commonName: 'api',
  ipAddresses: ['127.0.0.1'],
  usage: ['server'],
  days: 1,
} as const;
const client = {
  commonName: 'admin',
  organizations: ['system:masters'],
  usage: ['client'],
  days: 1,
} as const;
const own = await issueCertificate(authority, server, now);
const admin = await issueCertificate(authority, client, now);
await using api = await openApiServer({
  ...{ dataDir, host: '127.0.0.1', port: 0, tls: { ca: authority.cert, ...own } },
  ...{ clock: systemClock, random: systemRandom, log: silentLog },
});
process.send?.({ url: api.url, ca: authority.cert, ...admin } satisfies ServedBench);
await once(process, 'disconnect');
