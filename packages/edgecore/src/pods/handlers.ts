/**
 * How a container is asked something or told something: the fields of probes and lifecycle hooks, named
 * and shaped as in the API.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#Probe
 */
export interface Handler {
  readonly exec?: { readonly command?: readonly string[] };
  readonly httpGet?: HttpGetAction;
  readonly tcpSocket?: { readonly host?: string; readonly port: PortReference };
  readonly grpc?: { readonly port: number; readonly service?: string };
}

export interface HttpGetAction {
  readonly host?: string;
  readonly port: PortReference;
  readonly path?: string;
  readonly scheme?: 'HTTP' | 'HTTPS';
  readonly httpHeaders?: readonly { readonly name: string; readonly value: string }[];
}

/** A number, or the name of one of the container's ports. */
export type PortReference = number | string;

/** Durations in seconds. */
export interface Probe extends Handler {
  readonly initialDelaySeconds?: number;
  readonly timeoutSeconds?: number;
  readonly periodSeconds?: number;
  readonly successThreshold?: number;
  readonly failureThreshold?: number;
  /** Replaces the pod's grace when this probe ends the container. */
  readonly terminationGracePeriodSeconds?: number;
}

/** `grpc` is not one of them, and `tcpSocket` is only kept for old manifests: it always fails. */
export interface LifecycleHandler extends Omit<Handler, 'grpc'> {
  readonly sleep?: { readonly seconds: number };
}

export interface Lifecycle {
  readonly postStart?: LifecycleHandler;
  readonly preStop?: LifecycleHandler;
  /** In place of the image's own, for example `SIGUSR1`. */
  readonly stopSignal?: string;
}
