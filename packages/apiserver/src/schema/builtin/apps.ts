/** Workloads that keep pods running. */
export const apps: string = `
@io.k8s.api.apps.v1 apps/v1

Deployment kind: Deployment enables declarative updates for Pods and ReplicaSets.
  spec DeploymentSpec: Specification of the desired behavior of the Deployment.
  status DeploymentStatus: Most recently observed status of the Deployment.

DeploymentSpec: How a deployment behaves.
  replicas *int32: How many pods. Defaults to 1.
  selector! *LabelSelector: Selects its pods; must match the template's labels. Cannot be changed.
  template! PodTemplateSpec: The pods that will be created.
  strategy DeploymentStrategy retainKeys: How pods are replaced by new ones.
  minReadySeconds int32: Seconds a pod must be ready to be available. Defaults to 0.
  revisionHistoryLimit *int32: How many old ReplicaSets are kept. Defaults to 10.
  paused bool: Holds back changes of the template.
  progressDeadlineSeconds *int32: Seconds without progress after which it has failed. Defaults to 600.

DeploymentStrategy: How pods are replaced by new ones.
  type string(Recreate|RollingUpdate): Recreate or RollingUpdate. Defaults to RollingUpdate.
  rollingUpdate *RollingUpdateDeployment: Options of RollingUpdate.

RollingUpdateDeployment: How a rolling update goes.
  maxUnavailable *intOrString: How many pods may be unavailable. Defaults to 25%.
  maxSurge *intOrString: How many pods beyond replicas there may be. Defaults to 25%.

DeploymentStatus: What is observed of a deployment.
  observedGeneration int64: Generation that the status was computed from.
  replicas int32: Pods.
  updatedReplicas int32: Total number of non-terminating pods targeted by this deployment that have the desired template spec.
  readyReplicas int32: Pods that are ready.
  availableReplicas int32: Total number of available non-terminating pods (ready for at least minReadySeconds) targeted by this deployment.
  unavailableReplicas int32: Pods that are missing or not available.
  terminatingReplicas *int32: Pods that are ending.
  conditions []DeploymentCondition merge=type map=type: Observations of the deployment's state.
  collisionCount *int32: Collisions of names of ReplicaSets.

DeploymentCondition: One observation of a deployment's state.
  type! string: Available, Progressing or ReplicaFailure.
  status! string: True, False or Unknown.
  lastUpdateTime time: When it was last updated.
  lastTransitionTime time: When the status last changed.
  reason string: Why it last changed, in CamelCase.
  message string: The same for people.

ReplicaSet kind: ReplicaSet keeps a number of equal pods running.
  spec ReplicaSetSpec: How the set behaves.
  status ReplicaSetStatus: What is observed of it. Set by the system.

ReplicaSetSpec: How a ReplicaSet behaves.
  replicas *int32: Replicas is the number of desired pods. This is a pointer to distinguish between explicit zero and unspecified. Defaults to 1. More info: https://kubernetes.io/docs/concepts/workloads/controllers/replicaset
  minReadySeconds int32: Seconds a pod must be ready to be available. Defaults to 0.
  selector! *LabelSelector: Selects its pods; must match the template's labels. Cannot be changed.
  template PodTemplateSpec: The pods that will be created.

ReplicaSetStatus: What is observed of a ReplicaSet.
  replicas! int32: Replicas is the most recently observed number of non-terminating pods. More info: https://kubernetes.io/docs/concepts/workloads/controllers/replicaset
  fullyLabeledReplicas int32: Pods with all labels of the template.
  readyReplicas int32: The number of non-terminating pods targeted by this ReplicaSet with a Ready Condition.
  availableReplicas int32: Pods that are available.
  terminatingReplicas *int32: Pods that are ending.
  observedGeneration int64: Generation that the status was computed from.
  conditions []ReplicaSetCondition merge=type map=type: Observations of the set's state.

ReplicaSetCondition: One observation of a ReplicaSet's state.
  type! string: For example ReplicaFailure.
  status! string: True, False or Unknown.
  lastTransitionTime time: When the status last changed.
  reason string: Why it last changed, in CamelCase.
  message string: The same for people.

DaemonSet kind: DaemonSet keeps one pod on each of a set of nodes.
  spec DaemonSetSpec: How the set behaves.
  status DaemonSetStatus: What is observed of it. Set by the system.

DaemonSetSpec: How a DaemonSet behaves.
  selector! *LabelSelector: Selects its pods; must match the template's labels. Cannot be changed.
  template! PodTemplateSpec: The pods that will be created.
  updateStrategy DaemonSetUpdateStrategy: How pods are replaced by new ones.
  minReadySeconds int32: Seconds a pod must be ready to be available. Defaults to 0.
  revisionHistoryLimit *int32: How many old revisions are kept. Defaults to 10.

DaemonSetUpdateStrategy: How pods are replaced by new ones.
  type string(OnDelete|RollingUpdate): OnDelete or RollingUpdate. Defaults to RollingUpdate.
  rollingUpdate *RollingUpdateDaemonSet: Options of RollingUpdate.

RollingUpdateDaemonSet: How a rolling update goes.
  maxUnavailable *intOrString: How many pods may be unavailable. Defaults to 1.
  maxSurge *intOrString: How many nodes may run two pods. Defaults to 0.

DaemonSetStatus: What is observed of a DaemonSet.
  currentNumberScheduled! int32: The number of nodes that are running at least 1 daemon pod and are supposed to run the daemon pod. More info: https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/
  numberMisscheduled! int32: Nodes that run its pod and should not.
  desiredNumberScheduled! int32: The total number of nodes that should be running the daemon pod (including nodes correctly running the daemon pod). More info: https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/
  numberReady! int32: numberReady is the number of nodes that should be running the daemon pod and have one or more of the daemon pod running with a Ready Condition.
  observedGeneration int64: Generation that the status was computed from.
  updatedNumberScheduled int32: The total number of nodes that are running updated daemon pod
  numberAvailable int32: The number of nodes that should be running the daemon pod and have one or more of the daemon pod running and available (ready for at least spec.minReadySeconds)
  numberUnavailable int32: Nodes whose pod is not available.
  collisionCount *int32: Collisions of names of revisions.
  conditions []DaemonSetCondition merge=type map=type: Observations of the set's state.

DaemonSetCondition: One observation of a DaemonSet's state.
  type! string: Kind of condition.
  status! string: True, False or Unknown.
  lastTransitionTime time: When the status last changed.
  reason string: Why it last changed, in CamelCase.
  message string: The same for people.

StatefulSet kind: StatefulSet keeps pods with identities of their own.
  spec StatefulSetSpec: How the set behaves.
  status StatefulSetStatus: What is observed of it. Set by the system.

StatefulSetSpec: How a StatefulSet behaves.
  replicas *int32: How many pods. Defaults to 1.
  selector! *LabelSelector: Selects its pods; must match the template's labels. Cannot be changed.
  template! PodTemplateSpec: The pods that will be created.
  volumeClaimTemplates []PersistentVolumeClaim: Claims made for each pod.
  serviceName string ~: Headless service that names the pods.
  podManagementPolicy string(OrderedReady|Parallel): Whether pods start one after the other. Defaults to OrderedReady.
  updateStrategy StatefulSetUpdateStrategy: How pods are replaced by new ones.
  revisionHistoryLimit *int32: How many old revisions are kept. Defaults to 10.
  minReadySeconds int32: Seconds a pod must be ready to be available. Defaults to 0.
  persistentVolumeClaimRetentionPolicy *StatefulSetPersistentVolumeClaimRetentionPolicy: What becomes of the claims.
  ordinals *StatefulSetOrdinals: How pods are numbered.

StatefulSetUpdateStrategy: How pods are replaced by new ones.
  type string(OnDelete|RollingUpdate): OnDelete or RollingUpdate. Defaults to RollingUpdate.
  rollingUpdate *RollingUpdateStatefulSetStrategy: Options of RollingUpdate.

RollingUpdateStatefulSetStrategy: How a rolling update goes.
  partition *int32: Pods from this number on are updated. Defaults to 0.
  maxUnavailable *intOrString: How many pods may be unavailable. Defaults to 1.

StatefulSetPersistentVolumeClaimRetentionPolicy: What becomes of the claims.
  whenDeleted string: When the set is deleted: Retain or Delete.
  whenScaled string: When the set shrinks: Retain or Delete.

StatefulSetOrdinals: How pods are numbered.
  start int32 ~: First number. Defaults to 0.

StatefulSetStatus: What is observed of a StatefulSet.
  observedGeneration int64: Generation that the status was computed from.
  replicas! int32: Pods.
  readyReplicas int32: Pods that are ready.
  currentReplicas int32: Pods of the current revision.
  updatedReplicas int32: Pods of the update revision.
  currentRevision string: Revision that pods are replaced from.
  updateRevision string: Revision that pods are replaced by.
  collisionCount *int32: Collisions of names of revisions.
  conditions []StatefulSetCondition merge=type map=type: Observations of the set's state.
  availableReplicas int32 ~: Pods that are available.

StatefulSetCondition: One observation of a StatefulSet's state.
  type! string: Kind of condition.
  status! string: True, False or Unknown.
  lastTransitionTime time: When the status last changed.
  reason string: Why it last changed, in CamelCase.
  message string: The same for people.

ControllerRevision kind: ControllerRevision is a snapshot of a set's state.
  data *any: The state.
  revision! int64: Its number.
`;
