/** The kinds of the core group that hold no pods. */
export const core: string = `
@io.k8s.api.core.v1 v1

ObjectReference atomic: Names an object.
  kind string: Kind of the object.
  namespace string: Namespace of the object.
  name string: Name of the object.
  uid string: UID of the object.
  apiVersion string: API version of the object.
  resourceVersion string: Version of the object the reference was made to.
  fieldPath string: Part of the object, for example spec.containers{name}.

Namespace kind: Namespace provides a scope for names.
  spec NamespaceSpec: How the namespace behaves.
  status NamespaceStatus: Where the namespace is in its life.

NamespaceSpec: How a namespace behaves.
  finalizers []string: What must be done before the namespace is gone.

NamespaceStatus: Where a namespace is in its life.
  phase string(Active|Terminating): Active or Terminating.
  conditions []NamespaceCondition merge=type map=type: Observations of the namespace's state.

NamespaceCondition: One observation of a namespace's state.
  type! string: Kind of condition.
  status! string: True, False or Unknown.
  lastTransitionTime *time: When the status last changed.
  reason string: Why it last changed, in CamelCase.
  message string: The same for people.

ConfigMap kind: ConfigMap holds configuration data for pods to consume.
  immutable *bool: When true, data can no longer be changed, only metadata.
  data map[string]: Data contains the configuration data. Each key must consist of alphanumeric characters, '-', '_' or '.'. Values with non-UTF-8 byte sequences must use the BinaryData field. The keys stored in Data must not overlap with the keys in the BinaryData field, this is enforced during validation process.
  binaryData map[bytes]: Configuration data that is no UTF-8 text, in base64.

Secret kind: Secret holds secret data of a certain type.
  immutable *bool: When true, data can no longer be changed, only metadata.
  data map[bytes]: Secret data, in base64. Keys consist of alphanumeric characters, '-', '_' or '.'.
  stringData map[string]: Secret data as plain text, for writing only: merged into data.
  type string: What the data is meant for. More info: https://kubernetes.io/docs/concepts/configuration/secret/#secret-types

ServiceAccount kind: ServiceAccount is what processes in pods are known as.
  secrets []ObjectReference merge=name map=name: Secrets that its pods may use.
  imagePullSecrets []LocalObjectReference: Secrets to pull its pods' images with.
  automountServiceAccountToken *bool: Whether pods have its token mounted.

Event kind: Event is a report of something that happened in the cluster.
  involvedObject! ObjectReference: The object it is about.
  reason string: Why, in CamelCase.
  message string: The same for people.
  source EventSource: What reports it.
  firstTimestamp time: When it was first seen.
  lastTimestamp time: When it was last seen.
  count int32: How often it was seen.
  type string: Normal or Warning.
  eventTime microTime: When it happened.
  series *EventSeries: The series it belongs to.
  action string: What was done about it.
  related *ObjectReference: A second object.
  reportingComponent string ~: Controller that reports it, for example kubernetes.io/kubelet.
  reportingInstance string ~: Which one, for example the node.

EventSource: What reports an event.
  component string: The component.
  host string: The node.

EventSeries: How a series goes on.
  count int32: How often it has happened.
  lastObservedTime microTime: When it last happened.

Service kind: Service is a name for a set of pods that serve the same.
  spec ServiceSpec: How the service behaves.
  status ServiceStatus: What is observed of it. Set by the system.

ServiceSpec: How a service behaves.
  ports []ServicePort merge=port map=port,protocol: The ports that it exposes.
  selector map[string] atomic: Labels of the pods it leads to.
  clusterIP string: Its address; None for a headless service.
  clusterIPs []string: Its addresses.
  type string(ClusterIP|ExternalName|LoadBalancer|NodePort): How it is exposed. Defaults to ClusterIP.
  externalIPs []string: Further addresses that lead to it.
  sessionAffinity string(ClientIP|None): Whether clients stay with one pod. Defaults to None.
  loadBalancerIP string: Deprecated: address of the load balancer.
  loadBalancerSourceRanges []string: Clients that the load balancer admits.
  externalName string: Name that an ExternalName service stands for.
  externalTrafficPolicy string(Cluster|Local): How traffic from outside is spread.
  healthCheckNodePort int32: Port for health checks of the load balancer.
  publishNotReadyAddresses bool: Also leads to pods that are not ready.
  sessionAffinityConfig *SessionAffinityConfig: Options of session affinity.
  ipFamilies []string: IP families.
  ipFamilyPolicy *string(PreferDualStack|RequireDualStack|SingleStack): Whether one or two IP families.
  allocateLoadBalancerNodePorts *bool: Whether a load balancer takes node ports. Defaults to true.
  loadBalancerClass *string: Implementation of the load balancer.
  internalTrafficPolicy *string(Cluster|Local): How traffic from inside is spread.
  trafficDistribution *string: Which pods are preferred.

ServicePort: A port of a service.
  name string: Name, a DNS label, unique within the service.
  protocol string=TCP(SCTP|TCP|UDP): Protocol. Defaults to TCP.
  appProtocol *string: Application protocol.
  port! int32: The port.
  targetPort intOrString ~: Number or name of the pods' port; the same as port when absent.
  nodePort int32: Port on every node.

SessionAffinityConfig: Options of session affinity.
  clientIP *ClientIPConfig: By client address.

ClientIPConfig: By client address.
  timeoutSeconds *int32: How long a client stays. Defaults to 10800.

ServiceStatus: What is observed of a service.
  loadBalancer LoadBalancerStatus: Its load balancer.
  conditions []Condition merge=type map=type: Observations of the service's state.

LoadBalancerStatus: What is observed of a load balancer.
  ingress []LoadBalancerIngress: Where it can be reached.

LoadBalancerIngress: Where a load balancer can be reached.
  ip string: Address.
  hostname string: Host name.
  ipMode *string: VIP or Proxy.
  ports []PortStatus: Its ports.

PortStatus: A port of a load balancer.
  port! int32
  protocol! string
  error *string

Endpoints kind: Endpoints is a collection of addresses behind a service. Deprecated: see EndpointSlice.
  subsets []EndpointSubset: The addresses, by ports.

EndpointSubset: Addresses with the same ports.
  addresses []EndpointAddress: Those that are ready.
  notReadyAddresses []EndpointAddress: Those that are not.
  ports []EndpointPort: The ports.

EndpointAddress atomic: One address.
  ip! string: The address.
  hostname string: Host name.
  nodeName *string: Node.
  targetRef *ObjectReference: The pod.

EndpointPort atomic: One port.
  name string: Name; must be given when there are several.
  port! int32: The port.
  protocol string(SCTP|TCP|UDP): Protocol. Defaults to TCP.
  appProtocol *string: Application protocol.
`;
