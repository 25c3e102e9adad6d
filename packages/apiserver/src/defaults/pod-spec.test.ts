import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../json.ts';
import { defaultPodSpec } from './pod-spec.ts';

const defaulted = (spec: JsonObject): JsonObject => {
  defaultPodSpec(spec);
  return spec;
};

describe('defaults of a pod spec', () => {
  it.each([
    ['app', 'Always'],
    ['app:latest', 'Always'],
    ['app:1', 'IfNotPresent'],
    ['registry:5000/app', 'Always'],
    ['registry:5000/app:1', 'IfNotPresent'],
    ['app@sha256:0123', 'IfNotPresent'],
  ])('image %s is pulled %s', (image, imagePullPolicy) => {
    const { containers } = defaulted({ containers: [{ name: 'c', image }] });
    expect(containers).toMatchObject([{ imagePullPolicy }]);
  });

  it('asks for what it is limited to', () => {
    const resources = { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m' } };
    const { containers } = defaulted({ containers: [{ name: 'c', resources }] });
    expect(containers).toMatchObject([{ resources: { requests: { cpu: '500m', memory: '1Gi' } } }]);
  });

  it('fills in probes, ports, fields and volumes', () => {
    const spec = defaulted({
      containers: [
        {
          name: 'c',
          ports: [{ containerPort: 80 }],
          env: [{ name: 'N', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
          livenessProbe: { httpGet: { port: 80 } },
        },
      ],
      volumes: [{ name: 'a' }, { name: 'b', configMap: { name: 'c' } }],
    });
    expect(spec).toMatchObject({
      restartPolicy: 'Always',
      containers: [
        {
          ports: [{ containerPort: 80, protocol: 'TCP' }],
          env: [{ valueFrom: { fieldRef: { apiVersion: 'v1' } } }],
          livenessProbe: {
            httpGet: { path: '/', scheme: 'HTTP' },
            timeoutSeconds: 1,
            periodSeconds: 10,
            successThreshold: 1,
            failureThreshold: 3,
          },
        },
      ],
      volumes: [{ emptyDir: {} }, { configMap: { defaultMode: 420 } }],
    });
  });

  it('changes nothing the second time', () => {
    const once = defaulted({ containers: [{ name: 'c', image: 'a' }], volumes: [{ name: 'v' }] });
    expect(defaulted(structuredClone(once))).toEqual(once);
  });

  it('leaves alone what has another type, for validation to find', () => {
    expect(() =>
      defaulted({ containers: 'none', volumes: [1, null], securityContext: 3 }),
    ).not.toThrow();
  });
});
