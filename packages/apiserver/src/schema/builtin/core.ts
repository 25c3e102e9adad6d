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
  fieldPath string: If referring to a piece of an object instead of an entire object, this string should contain a valid JSON/Go field access statement, such as desiredState.manifest.containers[2]. For example, if the object reference is to a container within a pod, this would take on a value like: "spec.containers{name}" (where "name" refers to the name of the container that triggered the event) or if no container name is specified "spec.containers[2]" (container with index 2 in this pod). This syntax is chosen only to have some well-defined way of referencing a part of an object.

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
  data map[bytes]: Data contains the secret data. Each key must consist of alphanumeric characters, '-', '_' or '.'. The serialized form of the secret data is a base64 encoded string, representing the arbitrary (possibly non-string) data value here. Described in https://tools.ietf.org/html/rfc4648#section-4
  stringData map[string]: Secret data as plain text, for writing only: merged into data.
  type string: Used to facilitate programmatic handling of secret data. More info: https://kubernetes.io/docs/concepts/configuration/secret/#secret-types

ServiceAccount kind: ServiceAccount is what processes in pods are known as.
  secrets []ObjectReference merge=name map=name: Secrets is a list of the secrets in the same namespace that pods running using this ServiceAccount are allowed to use. Pods are only limited to this list if this service account has a "kubernetes.io/enforce-mountable-secrets" annotation set to "true". The "kubernetes.io/enforce-mountable-secrets" annotation is deprecated since v1.32. Prefer separate namespaces to isolate access to mounted secrets. This field should not be used to find auto-generated service account token secrets for use outside of pods. Instead, tokens can be requested directly using the TokenRequest API, or service account token secrets can be manually created. More info: https://kubernetes.io/docs/concepts/configuration/secret
  imagePullSecrets []LocalObjectReference: Secrets to pull its pods' images with.
  automountServiceAccountToken *bool: Whether pods have its token mounted.

Event kind: Event is a report of something that happened in the cluster.
  metadata! ObjectMeta: Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
  involvedObject! ObjectReference: The object it is about.
  reason string: This should be a short, machine understandable string that gives the reason for the transition into the object's current status.
  message string: A human-readable description of the status of this operation.
  source EventSource: What reports it.
  firstTimestamp time: The time at which the event was first recorded. (Time of server receipt is in TypeMeta.)
  lastTimestamp time: The time at which the most recent occurrence of this event was recorded.
  count int32: The number of times this event has occurred.
  type string: Type of this event (Normal, Warning), new types could be added in the future
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
  ports []ServicePort merge=port map=port,protocol: The list of ports that are exposed by this service. More info: https://kubernetes.io/docs/concepts/services-networking/service/#virtual-ips-and-service-proxies
  selector map[string] atomic: Route service traffic to pods with label keys and values matching this selector. If empty or not present, the service is assumed to have an external process managing its endpoints, which Kubernetes will not modify. Only applies to types ClusterIP, NodePort, and LoadBalancer. Ignored if type is ExternalName. More info: https://kubernetes.io/docs/concepts/services-networking/service/
  clusterIP string: clusterIP is the IP address of the service and is usually assigned randomly. If an address is specified manually, is in-range (as per system configuration), and is not in use, it will be allocated to the service; otherwise creation of the service will fail. This field may not be changed through updates unless the type field is also being changed to ExternalName (which requires this field to be blank) or the type field is being changed from ExternalName (in which case this field may optionally be specified, as describe above).\\n\\nValid values are "None", empty string (""), or a valid IP address. Setting this to "None" makes a "headless service" (no virtual IP), which is useful when direct endpoint connections are preferred and proxying is not required.\\n\\nOnly applies to types ClusterIP, NodePort, and LoadBalancer. If this field is specified when creating a Service of type ExternalName, creation will fail. This field will be wiped when updating a Service to type ExternalName. More info: https://kubernetes.io/docs/concepts/services-networking/service/#virtual-ips-and-service-proxies
  clusterIPs []string: Its addresses.
  type string(ClusterIP|ExternalName|LoadBalancer|NodePort): type determines how the Service is exposed. Defaults to ClusterIP. Valid options are ExternalName, ClusterIP, NodePort, and LoadBalancer. "ClusterIP" allocates a cluster-internal IP address for load-balancing to endpoints. Endpoints are determined by the selector or if that is not specified, by manual construction of an Endpoints object or EndpointSlice objects. If clusterIP is "None", no virtual IP is allocated and the endpoints are published as a set of endpoints rather than a virtual IP. "NodePort" builds on ClusterIP and allocates a port on every node which routes to the same endpoints as the clusterIP. "LoadBalancer" builds on NodePort and creates an external load-balancer (if supported in the current cloud) which routes to the same endpoints as the clusterIP. "ExternalName" aliases this service to the specified externalName. Several other fields do not apply to ExternalName services. More info: https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types
  externalIPs []string: externalIPs is a list of IP addresses for which nodes in the cluster will also accept traffic for this service.  These IPs are not managed by Kubernetes.  The user is responsible for ensuring that traffic arrives at a node with this IP.  A common example is external load-balancers that are not part of the Kubernetes system.
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
  subsets []EndpointSubset: The set of all endpoints is the union of all subsets. Addresses are placed into subsets according to the IPs they share. A single address with multiple ports, some of which are ready and some of which are not (because they come from different containers) will result in the address being displayed in different subsets for the different ports. No address will appear in both Addresses and NotReadyAddresses in the same subset. Sets of addresses and ports that comprise a service.

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
