import type { Call } from '@skerry/apiserver/rest/call';
import { describe, expect, it } from 'vitest';
import { localRegistry } from './kinds.ts';
import { wayOf } from './perform.ts';

const registry = await localRegistry();
const admin = { user: 'admin' };
const till = { user: 'till', token: 'token' };

function call(path: string, query = {}): Call {
  const [group = '', plural = ''] = path.includes('/') ? path.split('/') : ['', path];
  const resource = registry.find(group, 'v1', plural);
  return { resource, query: new URLSearchParams(query) } as unknown as Call;
}

describe('where a read is answered', () => {
  const [held, other] = [
    { isHeld: true, asker: till },
    { isHeld: false, asker: till },
  ];
  const person = { isHeld: false, asker: admin };

  it('is here for what is held, and the cluster for what is not', () => {
    expect(wayOf(call('configmaps'), 'get', held)).toBe('here');
    expect(wayOf(call('configmaps'), 'get', other)).toBe('fetch');
    expect(wayOf(call('pods'), 'get', other)).toBe('fetch');
    expect(wayOf(call('apps/deployments'), 'list', other)).toBe('complete');
  });

  it('is here for a list that a program goes on to watch, and for what is the node’s own', () => {
    expect(wayOf(call('configmaps'), 'list', person)).toBe('complete');
    expect(wayOf(call('configmaps'), 'list', other)).toBe('here');
    expect(wayOf(call('configmaps', { resourceVersion: '0' }), 'list', person)).toBe('here');
    expect(wayOf(call('configmaps', { continue: 'x' }), 'list', person)).toBe('here');
    expect(wayOf(call('pods'), 'list', person)).toBe('here');
    expect(wayOf(call('nodes'), 'list', person)).toBe('here');
  });

  it('is nowhere for a watch of what is not held', () => {
    expect(wayOf(call('configmaps'), 'watch', person)).toBe('here');
    expect(() => wayOf(call('apps/deployments'), 'watch', person)).toThrow(
      'this node holds no deployments and hears of no changes to them',
    );
  });
});
