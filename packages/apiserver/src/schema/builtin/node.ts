/** Nodes. */
export const node: string = `
@io.k8s.api.core.v1 v1

Node kind: Node is a worker of the cluster.
  spec NodeSpec: How the node behaves.
  status NodeStatus: What is observed of it. Set by the system.

NodeSpec: How a node behaves.
  podCIDR string: Addresses for its pods.
  podCIDRs []string merge set: Addresses for its pods.
  providerID string: Its identity with the cloud provider.
  unschedulable bool: Takes no new pods.
  taints []Taint: Its taints.
  configSource *NodeConfigSource: Deprecated.
  externalID string: Deprecated.

Taint: Keeps pods that do not tolerate it away.
  key! string: Its key.
  value string: Its value.
  effect! string(NoExecute|NoSchedule|PreferNoSchedule): What it does to pods that do not tolerate it.
  timeAdded *time: When a NoExecute taint was added.

NodeConfigSource: Deprecated.
  configMap *ConfigMapNodeConfigSource

ConfigMapNodeConfigSource: Deprecated.
  namespace! string
  name! string
  uid string
  resourceVersion string
  kubeletConfigKey! string

NodeStatus: What is observed of a node.
  capacity map[quantity]: All its resources.
  allocatable map[quantity]: Resources for pods. Defaults to the capacity.
  phase string(Pending|Running|Terminated): Deprecated.
  conditions []NodeCondition merge=type map=type: Observations of the node's state.
  addresses []NodeAddress merge=type map=type: List of addresses reachable to the node. Queried from cloud provider, if available. More info: https://kubernetes.io/docs/reference/node/node-status/#addresses Note: This field is declared as mergeable, but the merge key is not sufficiently unique, which can cause data corruption when it is merged. Callers should instead use a full-replacement patch. See https://pr.k8s.io/79391 for an example. Consumers should assume that addresses can change during the lifetime of a Node. However, there are some exceptions where this may not be possible, such as Pods that inherit a Node's address in its own status or consumers of the downward API (status.hostIP).
  daemonEndpoints NodeDaemonEndpoints: Ports of its daemons.
  nodeInfo NodeSystemInfo: Its identities and versions.
  images []ContainerImage: Images it holds.
  volumesInUse []string: Volumes that are mounted.
  volumesAttached []AttachedVolume: Volumes that are attached.
  config *NodeConfigStatus: Deprecated.
  runtimeHandlers []NodeRuntimeHandler: Handlers of its container runtime.
  features *NodeFeatures: Features of its container runtime.
  declaredFeatures []string: Features that the node declares.

NodeCondition: One observation of a node's state.
  type! string: For example Ready, MemoryPressure or DiskPressure.
  status! string: True, False or Unknown.
  lastHeartbeatTime time: When it was last confirmed.
  lastTransitionTime time: When the status last changed.
  reason string: Why it last changed, in CamelCase.
  message string: The same for people.

NodeAddress: Where a node can be reached.
  type! string: Hostname, InternalIP, ExternalIP, InternalDNS or ExternalDNS.
  address! string: The address.

NodeDaemonEndpoints: Ports of a node's daemons.
  kubeletEndpoint DaemonEndpoint: Port of the kubelet.

DaemonEndpoint: A port of a daemon.
  Port! int32: The port.

NodeSystemInfo: Identities and versions of a node.
  machineID! string: Identity of the machine.
  systemUUID! string: Identity of the system.
  bootID! string: Identity of this boot.
  kernelVersion! string: Kernel Version reported by the node from 'uname -r' (e.g. 3.16.0-0.bpo.4-amd64).
  osImage! string: OS Image reported by the node from /etc/os-release (e.g. Debian GNU/Linux 7 (wheezy)).
  containerRuntimeVersion! string: ContainerRuntime Version reported by the node through runtime remote API (e.g. containerd://1.4.2).
  kubeletVersion! string: Kubelet Version reported by the node.
  kubeProxyVersion! string: Deprecated.
  operatingSystem! string: For example linux.
  architecture! string: For example arm64.
  swap *NodeSwapStatus: Its swap.

NodeSwapStatus: Swap of a node.
  capacity *int64: Bytes.

ContainerImage: An image a node holds.
  names []string ~: Its names.
  sizeBytes int64: Its size.

AttachedVolume: A volume attached to a node.
  name! string
  devicePath! string

NodeConfigStatus: Deprecated.
  assigned *NodeConfigSource
  active *NodeConfigSource
  lastKnownGood *NodeConfigSource
  error string

NodeRuntimeHandler: A handler of the container runtime.
  name string ~
  features *NodeRuntimeHandlerFeatures

NodeRuntimeHandlerFeatures: What a handler can do.
  recursiveReadOnlyMounts *bool
  userNamespaces *bool

NodeFeatures: What the container runtime can do.
  supplementalGroupsPolicy *bool
`;
