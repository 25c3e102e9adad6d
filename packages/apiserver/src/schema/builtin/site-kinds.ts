/** Kinds that describe a site as a whole: classes of priority, runtime and storage, and networks. */
export const scheduling: string = `
@io.k8s.api.scheduling.v1 scheduling.k8s.io/v1

PriorityClass kind: PriorityClass gives the name of a priority its value. Higher values are more important.
  value int32 ~: value represents the integer value of this priority class. This is the actual priority that pods receive when they have the name of this class in their pod spec.
  globalDefault bool: globalDefault specifies whether this PriorityClass should be considered as the default priority for pods that do not have any priority class. Only one PriorityClass can be marked as \`globalDefault\`. However, if more than one PriorityClasses exists with their \`globalDefault\` field set to true, the smallest value of such global default PriorityClasses will be used as the default priority.
  description string: When it should be used.
  preemptionPolicy *string=PreemptLowerPriority(Never|PreemptLowerPriority): preemptionPolicy is the Policy for preempting pods with lower priority. One of Never, PreemptLowerPriority. Defaults to PreemptLowerPriority if unset.
`;

export const runtimeClasses: string = `
@io.k8s.api.node.v1 node.k8s.io/v1

RuntimeClass kind: RuntimeClass names a way in which nodes run containers.
  handler! string: handler specifies the underlying runtime and configuration that the CRI implementation will use to handle pods of this class.
  overhead *Overhead: Resources that running a pod this way takes beside its containers.
  scheduling *Scheduling: Nodes that run pods this way.

Overhead: Resources beside those of the containers.
  podFixed map[quantity]: For each pod.

Scheduling: Nodes that run pods of a class.
  nodeSelector map[string] atomic: Labels of the nodes.
  tolerations []Toleration: Taints of the nodes that its pods tolerate.
`;

export const storageClasses: string = `
@io.k8s.api.storage.v1 storage.k8s.io/v1

StorageClass kind: StorageClass describes a class of storage from which volumes are made.
  provisioner! string: provisioner indicates the type of the provisioner.
  parameters map[string]: What the provisioner is told.
  reclaimPolicy *string=Delete(Delete|Recycle|Retain): reclaimPolicy controls the reclaimPolicy for dynamically provisioned PersistentVolumes of this storage class. Defaults to Delete.
  mountOptions []string: Options that its volumes are mounted with.
  allowVolumeExpansion *bool: allowVolumeExpansion shows whether the storage class allow volume expand.
  volumeBindingMode *string=Immediate(Immediate|WaitForFirstConsumer): volumeBindingMode indicates how PersistentVolumeClaims should be provisioned and bound. When unset, VolumeBindingImmediate is used.
  allowedTopologies []TopologySelectorTerm: Where its volumes may be made.

TopologySelectorTerm atomic: Where volumes may be made.
  matchLabelExpressions []TopologySelectorLabelRequirement: Labels of the nodes.

TopologySelectorLabelRequirement: A label and its values.
  key! string: The label.
  values! []string: Its values.
`;

export const networking: string = `
@io.k8s.api.networking.v1 networking.k8s.io/v1

NetworkPolicy kind: NetworkPolicy says which traffic a set of pods may have.
  spec NetworkPolicySpec: The traffic.

NetworkPolicySpec: The traffic that pods may have.
  podSelector LabelSelector: podSelector selects the pods to which this NetworkPolicy object applies. An empty selector selects every pod of the namespace.
  ingress []NetworkPolicyIngressRule: Traffic to the pods.
  egress []NetworkPolicyEgressRule: Traffic from the pods.
  policyTypes []string: Which of Ingress and Egress it is about.

NetworkPolicyIngressRule: Traffic that is let in.
  ports []NetworkPolicyPort: To these ports; to all when empty.
  from []NetworkPolicyPeer: From these peers; from all when empty.

NetworkPolicyEgressRule: Traffic that is let out.
  ports []NetworkPolicyPort: To these ports; to all when empty.
  to []NetworkPolicyPeer: To these peers; to all when empty.

NetworkPolicyPort: A port, or a range of them.
  protocol *string: TCP, UDP or SCTP. Defaults to TCP.
  port *intOrString: A number, or the name of a port of the pods.
  endPort *int32: The last port of the range that begins with port.

NetworkPolicyPeer: Whom traffic comes from or goes to.
  podSelector *LabelSelector: Pods.
  namespaceSelector *LabelSelector: Namespaces of the pods.
  ipBlock *IPBlock: A range of addresses.

IPBlock: A range of addresses.
  cidr! string: The range, for example 192.168.1.0/24.
  except []string: Ranges within it that are left out.
`;

export const discovery: string = `
@io.k8s.api.discovery.v1 discovery.k8s.io/v1

EndpointSlice kind: EndpointSlice holds some of the endpoints of a service.
  addressType! string(FQDN|IPv4|IPv6): addressType specifies the type of address carried by this EndpointSlice.
  endpoints []Endpoint ~: endpoints is a list of unique endpoints in this slice. Each slice may include a maximum of 1000 endpoints.
  ports []EndpointPort: ports specifies the list of network ports exposed by each endpoint in this slice.

Endpoint: Where a service is reached.
  addresses! []string set: Addresses of one backend.
  conditions EndpointConditions: Its state.
  hostname *string: Its host name.
  targetRef *ObjectReference: The object behind it.
  deprecatedTopology map[string]: Deprecated.
  nodeName *string: Its node.
  zone *string: Its zone.
  hints *EndpointHints: Who should use it.

EndpointConditions: State of an endpoint.
  ready *bool: It takes traffic.
  serving *bool: It serves, also while it ends.
  terminating *bool: It is ending.

EndpointHints: Who should use an endpoint.
  forZones []ForZone: Zones.
  forNodes []ForNode: Nodes.

ForZone: A zone.
  name! string: Its name.

ForNode: A node.
  name! string: Its name.

EndpointPort atomic: A port of the endpoints.
  name *string: Its name.
  protocol *string: TCP, UDP or SCTP.
  port *int32: Its number.
  appProtocol *string: What is spoken there.
`;

export const certificates: string = `
@io.k8s.api.certificates.v1 certificates.k8s.io/v1

CertificateSigningRequest kind: CertificateSigningRequest asks for a certificate, and shows whether and how it was granted.
  spec! CertificateSigningRequestSpec: What is asked for. Cannot be changed.
  status CertificateSigningRequestStatus: The certificate, and who said what about it.

CertificateSigningRequestSpec: What is asked for.
  request! bytes: request contains an x509 certificate signing request encoded in a "CERTIFICATE REQUEST" PEM block. When serialized as JSON or YAML, the data is additionally base64-encoded.
  signerName! string: signerName indicates the requested signer, and is a qualified name.
  expirationSeconds *int32: Seconds that the certificate should last; its signer decides.
  usages []string: usages specifies a set of key usages requested in the issued certificate.
  username string: Who asks. Set by the server.
  uid string: The asker's uid. Set by the server.
  groups []string: The asker's groups. Set by the server.
  extra map[[]string]: What else is known of the asker. Set by the server.

CertificateSigningRequestStatus: What has become of a request.
  conditions []CertificateSigningRequestCondition map=type: Approved, Denied or Failed.
  certificate bytes: The certificate as PEM.

CertificateSigningRequestCondition: Something said about a request.
  type! string: Approved, Denied or Failed.
  status! string: True, False or Unknown.
  reason string: Why, in CamelCase.
  message string: The same for people.
  lastUpdateTime time: When it was last changed.
  lastTransitionTime time: When its status last changed.
`;
