import { once } from 'node:events';
import { get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { silentLog } from '@skerry/shared/log';
import type { NodeName } from '@skerry/shared/names';
import { createAuthority, issueCertificate, type KeyPair } from '@skerry/shared/pki';
import { ConnectionFailed, dial, type Socket } from '@skerry/shared/socket';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { edgeListener, edgePath } from './edge-listener.ts';

const now = Date.now();
const forever = new AbortController().signal;
let authority: KeyPair;
let strangers: KeyPair;
let base: string;
let admitted: NodeName[];
let sockets: Socket[];
let stop: () => Promise<void>;

beforeAll(async () => {
  authority = await createAuthority('ours', now);
  strangers = await createAuthority('theirs', now);
  const own = await issueCertificate(
    authority,
    { commonName: 'hub', ipAddresses: ['127.0.0.1'], usage: ['server'], days: 1 },
    now,
  );
  sockets = [];
  const admit = (node: NodeName, socket: Socket): void => {
    admitted.push(node);
    sockets.push(socket);
  };
  const server = edgeListener({ tls: { ca: authority.cert, ...own }, admit, log: silentLog });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  stop = async () => {
    for (const socket of sockets) socket.cut();
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
});
afterAll(() => stop());
beforeEach(() => {
  admitted = [];
});

async function connect(
  commonName: string,
  signer: KeyPair = authority,
  path = edgePath,
): Promise<Socket> {
  const own = await issueCertificate(signer, { commonName, usage: ['client'], days: 1 }, now);
  return dial(`wss://${base}${path}`, { ca: authority.cert, ...own, timeoutMs: 5_000 }, forever);
}

describe('the edge listener', () => {
  it('takes the node’s name from its certificate', async () => {
    const socket = await connect('system:node:edge-7');
    expect(admitted).toEqual(['edge-7']);
    socket.cut();
  });

  it.each([
    ['a certificate of another authority', () => connect('system:node:edge-1', strangers)],
    ['a certificate that names no node', () => connect('admin')],
    ['a node name that Kubernetes would not take', () => connect('system:node:Edge_1')],
    ['another path', () => connect('system:node:edge-1', authority, '/v1/other')],
  ])('turns away %s', async (_name, attempt) => {
    await expect(attempt()).rejects.toThrow(ConnectionFailed);
    expect(admitted).toEqual([]);
  });

  it('turns away whoever shows no certificate', async () => {
    const nobody = { ca: authority.cert, cert: '', key: '', timeoutMs: 5_000 };
    await expect(dial(`wss://${base}${edgePath}`, nobody, forever)).rejects.toThrow('401');
    expect(admitted).toEqual([]);
  });

  it('tells a browser where edges connect', async () => {
    const request = get(`https://${base}/`, { ca: authority.cert });
    const [response] = (await once(request, 'response')) as [
      NodeJS.ReadableStream & { statusCode: number },
    ];
    let text = '';
    for await (const chunk of response) text += String(chunk);
    expect([response.statusCode, text]).toEqual([404, `edge agents connect at ${edgePath}\n`]);
  });
});
