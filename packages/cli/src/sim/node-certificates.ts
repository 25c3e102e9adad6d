import { createPrivateKey, randomBytes, sign, X509Certificate, type KeyObject } from 'node:crypto';
import type { NodeName } from '@skerry/shared/names';
import { issueCertificate, type KeyPair } from '@skerry/shared/pki';

const days = 2;
const sequence = 0x30;
const bitString = 0x03;

/**
 * A certificate for every name, all with the same key: to issue ten thousand one by one would take
 * minutes. One is issued for each length that a name has, and stamped with every name of that length:
 * subject and serial number are replaced in its DER and it is signed again.
 *
 * Source: RFC 5280 §4.1.
 */
export async function nodeCertificates(
  authority: KeyPair,
  names: readonly NodeName[],
  now: number,
): Promise<ReadonlyMap<NodeName, KeyPair>> {
  const signer = createPrivateKey(authority.key);
  const certificates = new Map<NodeName, KeyPair>();
  for (const [length, alike] of Map.groupBy(names, (name) => name.length)) {
    const stamp = await makeStamp(authority, length, now);
    for (const name of alike)
      certificates.set(name, { cert: stamped(stamp, name, signer), key: stamp.key });
  }
  return certificates;
}

interface Stamp {
  readonly key: string;
  /** The signed part; where in it the name and the serial number's free bytes are. */
  readonly body: Buffer;
  readonly nameAt: number;
  readonly serial: { readonly from: number; readonly to: number };
  /** AlgorithmIdentifier, as DER. */
  readonly algorithm: Buffer;
}

async function makeStamp(authority: KeyPair, length: number, now: number): Promise<Stamp> {
  const placeholder = 'x'.repeat(length);
  const request = {
    commonName: `system:node:${placeholder}`,
    organizations: ['system:nodes'],
    usage: ['client'],
    days,
  } as const;
  const { cert, key } = await issueCertificate(authority, { ...request, usage: ['client'] }, now);
  const der = new X509Certificate(cert).raw;
  const tbs = elementAt(der, elementAt(der, 0).content);
  const body = der.subarray(tbs.start, tbs.end);
  const version = elementAt(body, elementAt(body, 0).content);
  const serial = elementAt(body, version.end);
  const algorithm = elementAt(der, tbs.end);
  return {
    key,
    body,
    nameAt: body.indexOf(request.commonName) + request.commonName.length - length,
    serial: { from: serial.content + 2, to: serial.end }, // two bytes stay: positive, and no longer than need be
    algorithm: der.subarray(algorithm.start, algorithm.end),
  };
}

function stamped(
  { body, nameAt, serial, algorithm }: Stamp,
  name: NodeName,
  signer: KeyObject,
): string {
  const tbs = Buffer.from(body);
  tbs.write(name, nameAt, 'latin1');
  randomBytes(serial.to - serial.from).copy(tbs, serial.from);
  const signature = sign('sha256', tbs, signer);
  const unusedBits = Buffer.of(0);
  const der = wrap(sequence, tbs, algorithm, wrap(bitString, unusedBits, signature));
  return new X509Certificate(der).toString();
}

interface Element {
  readonly start: number;
  readonly content: number;
  readonly end: number;
}

/** The DER element that begins at `start`. Source: X.690 §8.1. */
function elementAt(der: Buffer, start: number): Element {
  const first = der.readUInt8(start + 1);
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  const content = start + 2 + lengthBytes;
  const length = lengthBytes === 0 ? first : der.readUIntBE(start + 2, lengthBytes);
  return { start, content, end: content + length };
}

/** A DER element. Source: X.690 §8.1.3, §10.1. */
function wrap(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.of(tag), lengthOf(content), content]);
}

function lengthOf({ length }: Buffer): Buffer {
  if (length < 0x80) return Buffer.of(length);
  const bytes = length < 0x100 ? [length] : [length >> 8, length & 0xff];
  return Buffer.of(0x80 | bytes.length, ...bytes);
}
