import { describe, expect, it } from 'vitest';
import { checkOf } from './check-of.ts';
import type { Container } from './pod.ts';

const container: Container = {
  name: 'main',
  ports: [{ name: 'http', containerPort: 8080 }],
  env: [
    { name: 'FILE', value: '/tmp/alive' },
    { name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
  ],
};
const of = (handler: Parameters<typeof checkOf>[0], podIp = '10.88.0.2'): unknown =>
  checkOf(handler, container, podIp);

describe('checkOf', () => {
  it('asks the pod by its address, at a port that may have a name', () => {
    expect(of({ httpGet: { port: 'http' } })).toEqual({
      type: 'http',
      url: 'http://10.88.0.2:8080/',
      headers: [],
    });
    expect(of({ tcpSocket: { port: 'http' } })).toEqual({
      type: 'tcp',
      host: '10.88.0.2',
      port: 8080,
    });
    expect(of({ tcpSocket: { port: '99' } })).toMatchObject({ port: 99 });
  });

  it('takes scheme, host, path and headers from the manifest', () => {
    const httpHeaders = [{ name: 'Host', value: 'a.example' }];
    const httpGet = {
      port: 1,
      scheme: 'HTTPS',
      host: '2001:db8::1',
      path: 'x?y=1',
      httpHeaders,
    } as const;
    expect(of({ httpGet })).toEqual({
      type: 'http',
      url: 'https://[2001:db8::1]:1/x?y=1',
      headers: [['Host', 'a.example']],
    });
    expect(of({ tcpSocket: { port: 1, host: 'b.example' } })).toMatchObject({ host: 'b.example' });
  });

  it('asks gRPC servers about a service, or about all of them', () => {
    expect(of({ grpc: { port: 5, service: 'db' } })).toEqual({
      type: 'grpc',
      host: '10.88.0.2',
      port: 5,
      service: 'db',
    });
    expect(of({ grpc: { port: 5 } })).toMatchObject({ service: '' });
  });

  it('expands what the manifest itself says in commands', () => {
    expect(of({ exec: { command: ['cat', '$(FILE)', '$(NODE)', '$$(FILE)'] } })).toEqual({
      type: 'exec',
      command: ['cat', '/tmp/alive', '$(NODE)', '$(FILE)'],
    });
  });

  it('says why something cannot be asked', () => {
    expect(of({ httpGet: { port: 'https' } })).toEqual({
      type: 'impossible',
      message: "couldn't find port: https for main",
    });
    expect(of({ tcpSocket: { port: 70_000 } })).toMatchObject({ type: 'impossible' });
    expect(of({ tcpSocket: { port: 1 } }, '')).toEqual({
      type: 'impossible',
      message: 'the pod has no address',
    });
    expect(of({})).toMatchObject({ type: 'impossible' });
  });
});
