/** Pods: what is observed of them. */
export const podStatus: string = `
@io.k8s.api.core.v1

PodStatus: What is observed of a pod, as of late.
  observedGeneration int64: Generation that the status was computed from.
  phase string(Failed|Pending|Running|Succeeded|Unknown): Where the pod is in its life. More info: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle#pod-phase
  conditions []PodCondition merge=type map=type: Observations of the pod's state.
  message string: Why the pod is in this state, for people.
  reason string: Why the pod is in this state, for example Evicted.
  nominatedNodeName string: nominatedNodeName is set only when this pod preempts other pods on the node, but it cannot be scheduled right away as preemption victims receive their graceful termination periods. This field does not guarantee that the pod will be scheduled on this node. Scheduler may decide to place the pod elsewhere if other nodes become available sooner. Scheduler may also decide to give the resources on this node to a higher priority pod that is created after preemption. As a result, this field may be different than PodSpec.nodeName when the pod is scheduled.
  hostIP string: Address of the host.
  hostIPs []HostIP merge=ip: Addresses of the host.
  podIP string: podIP address allocated to the pod. Routable at least within the cluster. Empty if not yet allocated.
  podIPs []PodIP merge=ip map=ip: Addresses of the pod.
  startTime *time: When the node took the pod on.
  initContainerStatuses []ContainerStatus: Statuses of init containers, in the order of the spec.
  containerStatuses []ContainerStatus: Statuses of containers.
  qosClass string(BestEffort|Burstable|Guaranteed): Quality of service, from the resources.
  ephemeralContainerStatuses []ContainerStatus: Statuses of ephemeral containers.
  resize string: Deprecated: see the conditions.
  resourceClaimStatuses []PodResourceClaimStatus merge,retainKeys=name map=name: Statuses of resource claims.
  extendedResourceClaimStatus *PodExtendedResourceClaimStatus: The claim behind extended resources.
  allocatedResources map[quantity]: What the node has set aside for the pod.
  resources *ResourceRequirements: Resources in force for the pod as a whole.
  nodeAllocatableResourceClaimStatuses []NodeAllocatableResourceClaimStatus: Claims on allocatable resources.

PodCondition: One observation of a pod's state.
  type! string: For example Ready, ContainersReady, Initialized or PodScheduled.
  observedGeneration int64: Generation that the condition was computed from.
  status! string: True, False or Unknown.
  lastProbeTime time: When it was last looked at.
  lastTransitionTime time: When the status last changed.
  reason string: Why it last changed, in CamelCase.
  message string: The same for people.

ContainerStatus: What is observed of one container.
  name! string: Name of the container.
  state ContainerState: What it does now.
  lastState ContainerState: What it did before its last restart.
  ready! bool: Whether it can serve.
  restartCount! int32: How often it was restarted.
  image! string: Image it runs.
  imageID! string: Identity of the image it runs.
  containerID string: Identity as type://id.
  started *bool: Whether it has started and passed its startup probe.
  allocatedResources map[quantity]: What the node has set aside for it.
  resources *ResourceRequirements: Resources in force.
  volumeMounts []VolumeMountStatus merge=mountPath map=mountPath: Statuses of volume mounts.
  user *ContainerUser: Identity of its first process.
  allocatedResourcesStatus []ResourceStatus merge=name map=name: Health of its resources.
  stopSignal *string: Signal in force.

ContainerState: Exactly one of the three; waiting when none is given.
  waiting *ContainerStateWaiting: Not started yet.
  running *ContainerStateRunning: Running.
  terminated *ContainerStateTerminated: Ended.

ContainerStateWaiting: Not started yet.
  reason string: Why, in CamelCase.
  message string: The same for people.

ContainerStateRunning: Running.
  startedAt time: Since when.

ContainerStateTerminated: Ended.
  exitCode! int32: Exit status.
  signal int32: Signal that ended it.
  reason string: Why, in CamelCase.
  message string: The same for people.
  startedAt time: When it started.
  finishedAt time: When it ended.
  containerID string: Identity as type://id.

VolumeMountStatus: Status of a volume mount.
  name! string: Name of the volume.
  mountPath! string: Path in the container.
  readOnly bool: Whether it is read-only.
  recursiveReadOnly *string: Whether what is mounted inside is read-only too.
  volumeStatus *VolumeStatus: Status of the volume.

VolumeStatus: Status of a mounted volume.
  image *ImageVolumeStatus: Status of an image volume.

ImageVolumeStatus: Status of an image volume.
  imageRef! string: The image in use.

ContainerUser: Identity of a container's first process.
  linux *LinuxContainerUser: On Linux.

LinuxContainerUser: User and groups.
  uid! int64: User id.
  gid! int64: Group id.
  supplementalGroups []int64: Further groups.

ResourceStatus: Health of one resource.
  name! string: Name of the resource.
  resources []ResourceHealth map=resourceID: Health of each device.

ResourceHealth: Health of one device.
  resourceID! string
  health string
  message *string

HostIP: An address of the host.
  ip! string: The address.

PodIP: An address of the pod.
  ip! string: The address.

PodResourceClaimStatus: Status of a resource claim.
  name! string: Name of the entry in the pod's resourceClaims.
  resourceClaimName *string: The ResourceClaim made for it.

PodExtendedResourceClaimStatus: The claim behind extended resources.
  requestMappings! []ContainerExtendedResourceRequest
  resourceClaimName! string

ContainerExtendedResourceRequest: A request for an extended resource.
  containerName! string
  resourceName! string
  requestName! string

NodeAllocatableResourceClaimStatus: A claim on allocatable resources.
  resourceClaimName! string
  containers []string
  resources! map[quantity]
`;
