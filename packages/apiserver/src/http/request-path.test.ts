import { describe, expect, it } from 'vitest';
import { parseResourcePath } from './request-path.ts';

describe('resource path', () => {
  it.each([
    ['/api/v1/pods', ['', 'v1', '', 'pods', '', '']],
    ['/api/v1/pods/', ['', 'v1', '', 'pods', '', '']],
    ['/api/v1/nodes/edge-1/status', ['', 'v1', '', 'nodes', 'edge-1', 'status']],
    ['/api/v1/namespaces', ['', 'v1', '', 'namespaces', '', '']],
    ['/api/v1/namespaces/a', ['', 'v1', '', 'namespaces', 'a', '']],
    ['/api/v1/namespaces/a/status', ['', 'v1', '', 'namespaces', 'a', 'status']],
    ['/api/v1/namespaces/a/finalize', ['', 'v1', '', 'namespaces', 'a', 'finalize']],
    ['/api/v1/namespaces/a/pods', ['', 'v1', 'a', 'pods', '', '']],
    ['/api/v1/namespaces/a/pods/p/binding', ['', 'v1', 'a', 'pods', 'p', 'binding']],
    ['/apis/apps/v1/namespaces/a/deployments/d', ['apps', 'v1', 'a', 'deployments', 'd', '']],
    ['/api/v1/namespaces/a/configmaps/b%20c', ['', 'v1', 'a', 'configmaps', 'b c', '']],
  ])('%s', (path, [group, version, namespace, plural, name, subresource]) => {
    expect(parseResourcePath(path)).toEqual({
      group,
      version,
      namespace,
      plural,
      name,
      subresource,
    });
  });

  it.each([
    '/',
    '/api',
    '/api/v1',
    '/apis',
    '/apis/apps',
    '/apis/apps/v1',
    '/version',
    '/openapi/v2',
  ])('%s is no resource', (path) => {
    expect(parseResourcePath(path)).toBeUndefined();
  });

  it.each(['/api/v1/pods/a/status/more', '/api/v1/pods/%zz'])('%s leads nowhere', (path) => {
    expect(() => parseResourcePath(path)).toThrow('could not find the requested resource');
  });
});
