import type { Handler, HttpGetAction, Lifecycle, LifecycleHandler, Probe } from '../handlers.ts';
import type {
  Container,
  ContainerPort,
  EnvEntry,
  EnvSource,
  KeyReference,
  ResourceRequirements,
  VolumeMount,
} from '../pod.ts';
import { fieldRef, resourceFieldRef } from './downward-fields.ts';
import { without, type Fields, type FieldsOf } from './field-tree.ts';
import { security, securityBeyondProcesses } from './security-context-fields.ts';

const pair = { name: 'whole', value: 'whole' } as const;

const keyRef: FieldsOf<KeyReference> = { key: 'whole', name: 'whole', optional: 'whole' };

const env: FieldsOf<EnvEntry> = {
  ...pair,
  valueFrom: {
    configMapKeyRef: keyRef,
    fieldRef,
    resourceFieldRef,
    secretKeyRef: keyRef,
  } satisfies FieldsOf<NonNullable<EnvEntry['valueFrom']>>,
};

const envFrom: FieldsOf<EnvSource> = {
  configMapRef: { name: 'whole', optional: 'whole' },
  prefix: 'whole',
  secretRef: { name: 'whole', optional: 'whole' },
};

const ports: FieldsOf<ContainerPort> = {
  containerPort: 'whole',
  hostIP: 'whole',
  hostPort: 'whole',
  name: 'whole',
  protocol: 'whole',
};

const httpGet: FieldsOf<HttpGetAction> = {
  host: 'whole',
  httpHeaders: pair,
  path: 'whole',
  port: 'whole',
  scheme: 'whole',
};

const handler: FieldsOf<Handler> = {
  exec: { command: 'whole' },
  grpc: { port: 'whole', service: 'whole' },
  httpGet,
  tcpSocket: { host: 'whole', port: 'whole' },
};

const probe: FieldsOf<Probe> = {
  ...handler,
  failureThreshold: 'whole',
  initialDelaySeconds: 'whole',
  periodSeconds: 'whole',
  successThreshold: 'whole',
  terminationGracePeriodSeconds: 'whole',
  timeoutSeconds: 'whole',
};

const hook: FieldsOf<LifecycleHandler> = {
  exec: handler.exec,
  httpGet,
  sleep: { seconds: 'whole' },
  tcpSocket: handler.tcpSocket,
};

const lifecycle: FieldsOf<Lifecycle> = { postStart: hook, preStop: hook, stopSignal: 'whole' };

const resources: FieldsOf<ResourceRequirements> = {
  limits: 'whole',
  requests: 'whole',
};

const volumeMounts: FieldsOf<VolumeMount> = {
  mountPath: 'whole',
  mountPropagation: 'whole',
  name: 'whole',
  readOnly: 'whole',
  recursiveReadOnly: (value) => value !== 'Enabled',
  subPath: 'whole',
  subPathExpr: 'whole',
};

/** One of the init containers; its own policy makes a sidecar of it. */
export const initContainer: FieldsOf<Container> = {
  args: 'whole',
  command: 'whole',
  env,
  envFrom,
  image: 'whole',
  imagePullPolicy: 'whole',
  lifecycle,
  livenessProbe: probe,
  name: 'whole',
  ports,
  readinessProbe: probe,
  resources,
  restartPolicy: 'whole',
  securityContext: security,
  startupProbe: probe,
  stdin: 'whole',
  stdinOnce: 'whole',
  terminationMessagePath: 'whole',
  terminationMessagePolicy: 'whole',
  tty: 'whole',
  volumeMounts,
  workingDir: 'whole',
};

/** The same where it is a process of the machine. */
export const processInitContainer: Fields = {
  ...without(initContainer, 'stdin', 'tty'),
  lifecycle: without(lifecycle, 'stopSignal'),
  resources: without(resources, 'limits'),
  securityContext: without(security, ...securityBeyondProcesses),
};
