/** Pods: what is wanted of them. */
export const pod: string = `
@io.k8s.api.core.v1 v1

Pod kind: Pod is a collection of containers that run on one host, created by clients and placed on nodes.
  spec PodSpec: What is wanted of the pod. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
  status PodStatus: What is observed of the pod. Set by the system. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status

PodTemplate kind: PodTemplate describes a template for creating copies of a pod.
  template PodTemplateSpec: The pods that will be created.

PodTemplateSpec: What a pod made from the template will be.
  metadata ObjectMeta: Metadata of the pods.
  spec PodSpec: What is wanted of the pods.

PodSpec: What is wanted of a pod.
  volumes []Volume merge,retainKeys=name map=name: Volumes that containers of the pod can mount. More info: https://kubernetes.io/docs/concepts/storage/volumes
  initContainers []Container merge=name map=name: Containers that run to completion, one after the other, before the others start.
  containers! []Container merge=name map=name: Containers of the pod; at least one. Cannot be added or removed.
  ephemeralContainers []EphemeralContainer merge=name map=name: Containers added to the running pod to look into it.
  restartPolicy string(Always|Never|OnFailure): Restart policy for all containers within the pod. One of Always, OnFailure, Never. In some contexts, only a subset of those values may be permitted. Default to Always. More info: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy
  terminationGracePeriodSeconds *int64: Seconds the containers get to end after they were asked to. Defaults to 30.
  activeDeadlineSeconds *int64: Seconds after which the pod is ended and marked failed.
  dnsPolicy string(ClusterFirst|ClusterFirstWithHostNet|Default|None): Where the pod's DNS settings come from. Defaults to ClusterFirst.
  nodeSelector map[string] atomic: NodeSelector is a selector which must be true for the pod to fit on a node. Selector which must match a node's labels for the pod to be scheduled on that node. More info: https://kubernetes.io/docs/concepts/configuration/assign-pod-node/
  serviceAccountName string: ServiceAccount the pod runs as.
  serviceAccount string: Deprecated: use serviceAccountName.
  automountServiceAccountToken *bool: Whether the ServiceAccount's token is mounted.
  nodeName string: NodeName indicates in which node this pod is scheduled. If empty, this pod is a candidate for scheduling by the scheduler defined in schedulerName. Once this field is set, the kubelet for this node becomes responsible for the lifecycle of this pod. This field should not be used to express a desire for the pod to be scheduled on a specific node. https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#nodename
  hostNetwork bool: Uses the network of the host.
  hostPID bool: Uses the process namespace of the host.
  hostIPC bool: Uses the IPC namespace of the host.
  shareProcessNamespace *bool: One process namespace for all containers of the pod.
  securityContext *PodSecurityContext: Security options of the pod and defaults for its containers.
  imagePullSecrets []LocalObjectReference merge=name map=name: Secrets to pull the images with.
  hostname string: Host name of the pod; its name when absent.
  subdomain string: With it the pod is known as hostname.subdomain.namespace.svc.
  affinity *Affinity: Constraints on where the pod may be placed.
  schedulerName string: Scheduler that places the pod.
  tolerations []Toleration: Taints of nodes that the pod tolerates.
  hostAliases []HostAlias merge=ip map=ip: Entries for the pod's hosts file.
  priorityClassName string: PriorityClass the priority comes from.
  priority *int32: The higher, the more important. Set by the system.
  dnsConfig *PodDNSConfig: DNS settings merged with those of dnsPolicy.
  readinessGates []PodReadinessGate: If specified, all readiness gates will be evaluated for pod readiness. A pod is ready when all its containers are ready AND all conditions specified in the readiness gates have status equal to "True" More info: https://git.k8s.io/enhancements/keps/sig-network/580-pod-readiness-gates
  runtimeClassName *string: RuntimeClass to run the pod with. More info: https://kubernetes.io/docs/concepts/containers/runtime-class
  enableServiceLinks *bool: Whether Services of the namespace appear as environment variables. Defaults to true.
  preemptionPolicy *string(Never|PreemptLowerPriority): Whether the pod may push out those of lower priority.
  overhead map[quantity]: What running the pod costs beside its containers. Set by the system.
  topologySpreadConstraints []TopologySpreadConstraint merge=topologyKey map=topologyKey,whenUnsatisfiable: How pods spread over the topology.
  setHostnameAsFQDN *bool: Makes the host name the fully qualified one.
  os *PodOS: Operating system of the containers.
  hostUsers *bool: Uses the host's user namespace. Defaults to true.
  schedulingGates []PodSchedulingGate merge=name map=name: Names that hold back scheduling until all are removed.
  resourceClaims []PodResourceClaim merge,retainKeys=name map=name: Resource claims that containers refer to.
  resources *ResourceRequirements: Compute resources of the pod as a whole.
  hostnameOverride *string: Host name of the pod as it sees it.
  schedulingGroup *PodSchedulingGroup: Group of pods that are scheduled together.

PodSecurityContext: Security options of a pod and defaults for its containers.
  seLinuxOptions *SELinuxOptions: SELinux context of all containers.
  windowsOptions *WindowsSecurityContextOptions: Options on Windows.
  runAsUser *int64: User id of the entrypoints; the image's when absent.
  runAsGroup *int64: Group id of the entrypoints.
  runAsNonRoot *bool: Refuses to start as user 0.
  supplementalGroups []int64: Further groups of the first process.
  supplementalGroupsPolicy *string: How supplementary groups are computed: Merge or Strict.
  fsGroup *int64: Group that owns the volumes.
  sysctls []Sysctl: Kernel settings of the pod.
  fsGroupChangePolicy *string(Always|OnRootMismatch): When the owner of volumes is changed. Defaults to Always.
  seccompProfile *SeccompProfile: Seccomp options of all containers.
  appArmorProfile *AppArmorProfile: AppArmor options of all containers.
  seLinuxChangePolicy *string: How volumes get their SELinux label: Recursive or MountOption.

Sysctl: A kernel setting.
  name! string
  value! string

LocalObjectReference atomic: Names an object in the same namespace.
  name string=: Name of the object.

PodOS: Operating system of a pod.
  name! string: linux or windows.

PodReadinessGate: A condition that readiness waits for.
  conditionType! string: Type of the condition.

PodSchedulingGate: Holds back scheduling.
  name! string: Name of the gate.

PodSchedulingGroup: A group of pods.
  podGroupName *string: Name of the group.

PodResourceClaim: A resource claim of a pod: one of the two names.
  name! string: Name that containers refer to.
  resourceClaimName *string: An existing ResourceClaim.
  resourceClaimTemplateName *string: Template for a claim of the pod's own.

HostAlias: An address and its names.
  ip! string: The address.
  hostnames []string: Its names.

PodDNSConfig: DNS settings of a pod.
  nameservers []string: Addresses of name servers.
  searches []string: Domains to search.
  options []PodDNSConfigOption: Resolver options.

PodDNSConfigOption: A resolver option.
  name string
  value *string

Affinity: Where a pod would or must go.
  nodeAffinity *NodeAffinity: By properties of nodes.
  podAffinity *PodAffinity: Near other pods.
  podAntiAffinity *PodAntiAffinity: Away from other pods.

NodeAffinity: Rules about nodes.
  requiredDuringSchedulingIgnoredDuringExecution *NodeSelector: Must hold when the pod is placed.
  preferredDuringSchedulingIgnoredDuringExecution []PreferredSchedulingTerm: Preferred, by weight.

PreferredSchedulingTerm: A preference for nodes.
  weight! int32: 1 to 100.
  preference! NodeSelectorTerm: Nodes that are preferred.

NodeSelector atomic: Selects nodes; one of the terms must hold.
  nodeSelectorTerms! []NodeSelectorTerm: The terms.

NodeSelectorTerm atomic: Selects nodes; all requirements must hold. An empty term selects none.
  matchExpressions []NodeSelectorRequirement: Requirements on labels.
  matchFields []NodeSelectorRequirement: Requirements on fields.

NodeSelectorRequirement: A key, an operator and values.
  key! string: Label or field.
  operator! string(DoesNotExist|Exists|Gt|In|Lt|NotIn): How the key relates to the values.
  values []string: Values for In, NotIn, Gt and Lt.

PodAffinity: Nearness to other pods.
  requiredDuringSchedulingIgnoredDuringExecution []PodAffinityTerm: Must hold when the pod is placed.
  preferredDuringSchedulingIgnoredDuringExecution []WeightedPodAffinityTerm: Preferred, by weight.

PodAntiAffinity: Distance from other pods.
  requiredDuringSchedulingIgnoredDuringExecution []PodAffinityTerm: Must hold when the pod is placed.
  preferredDuringSchedulingIgnoredDuringExecution []WeightedPodAffinityTerm: Preferred, by weight.

WeightedPodAffinityTerm: A preference among pods.
  weight! int32: 1 to 100.
  podAffinityTerm! PodAffinityTerm: The pods.

PodAffinityTerm: Pods in one topology domain.
  labelSelector *LabelSelector: Selects the pods.
  namespaces []string: Namespaces of the pods.
  topologyKey! string: Node label that makes a domain.
  namespaceSelector *LabelSelector: Selects namespaces of the pods.
  matchLabelKeys []string: Label keys whose values must be those of the incoming pod.
  mismatchLabelKeys []string: Label keys whose values must differ from those of the incoming pod.

Toleration: A taint that the pod tolerates.
  key string: Key of the taint; empty with Exists means all.
  operator string(Equal|Exists|Gt|Lt): How the value is compared. Defaults to Equal.
  value string: Value of the taint.
  effect string(NoExecute|NoSchedule|PreferNoSchedule): Effect of the taint; empty means all.
  tolerationSeconds *int64: How long a NoExecute taint is tolerated; for ever when absent.

TopologySpreadConstraint: How pods spread over domains.
  maxSkew! int32: The most by which domains may differ.
  topologyKey! string: Node label that makes a domain.
  whenUnsatisfiable! string(DoNotSchedule|ScheduleAnyway): What to do with a pod that does not fit.
  labelSelector *LabelSelector: Pods that are counted.
  minDomains *int32: The least number of domains.
  nodeAffinityPolicy *string(Honor|Ignore): Whether node affinity counts.
  nodeTaintsPolicy *string(Honor|Ignore): Whether taints count.
  matchLabelKeys []string: Label keys that group the pods.

Binding kind: Binding ties a pod to a node.
  target! ObjectReference: The node.
`;
