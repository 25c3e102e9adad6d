import { describe, expect, it } from 'vitest';
import { readPushMethod } from './push-target.ts';

describe('a push method', () => {
  it.each([
    [
      { hostName: 'http://10.0.0.1', port: 8080, requestPath: '/readings', timeout: 500 },
      { method: 'http', url: 'http://10.0.0.1:8080/readings', timeoutMs: 500 },
    ],
    [
      { hostName: 'collector', port: 80, requestPath: 'in' },
      { method: 'http', url: 'http://collector/in', timeoutMs: 5_000 },
    ],
    [
      { hostName: 'https://collector' },
      { method: 'http', url: 'https://collector/', timeoutMs: 5_000 },
    ],
  ])('http of %j is where it says', (http, target) => {
    expect(readPushMethod({ http })).toEqual({ targets: [target], unserved: [] });
  });

  it.each([
    [{ address: 'tcp://127.0.0.1:1883', topic: 'a/b', qos: 0, retained: true }, 0, true],
    [{ address: '127.0.0.1:1883', topic: 'a/b' }, 1, false],
  ])('mqtt of %j is where it says', (mqtt, qos, retain) => {
    const target = { method: 'mqtt', url: 'mqtt://127.0.0.1:1883', topic: 'a/b', qos, retain };
    expect(readPushMethod({ mqtt })).toEqual({ targets: [target], unserved: [] });
  });

  it('that is not served, or not as it is said, is named', () => {
    const asked = {
      otel: { endpointURL: 'http://localhost' },
      constructor: {},
      http: { hostName: '' },
      mqtt: { address: 'tcp://b', topic: '#' },
    };
    expect(readPushMethod(asked)).toEqual({
      targets: [],
      unserved: [
        'otel',
        'constructor',
        'http: hostName, port and requestPath are not a URL',
        'mqtt: topic holds a wildcard',
      ],
    });
  });
});
