/**
 * The messages that kubectl sends, as their fields: number, name, type. `[]` marks a list, `?` a field
 * whose zero differs from its absence. Those of other fields are refused, not dropped.
 *
 * @see https://github.com/kubernetes/api: `generated.proto` of each group and version
 */
const notation = `
TypeMeta: 1 apiVersion string, 2 kind string
ObjectMeta: 1 name string, 2 generateName string, 3 namespace string, 4 selfLink string, 5 uid string, 6 resourceVersion string, 7 generation int, 8 creationTimestamp Time, 9 deletionTimestamp Time, 10 deletionGracePeriodSeconds int?, 11 labels map, 12 annotations map, 13 ownerReferences []OwnerReference, 14 finalizers []string, 17 managedFields []ManagedFields
ManagedFields: 1 manager string, 2 operation string, 3 apiVersion string, 4 time Time, 6 fieldsType string, 7 fieldsV1 RawJson, 8 subresource string
OwnerReference: 1 kind string, 3 name string, 4 uid string, 5 apiVersion string, 6 controller bool?, 7 blockOwnerDeletion bool?
LabelSelector: 1 matchLabels map, 2 matchExpressions []LabelSelectorRequirement
LabelSelectorRequirement: 1 key string, 2 operator string, 3 values []string
DeleteOptions: 1 gracePeriodSeconds int?, 2 preconditions Preconditions, 3 orphanDependents bool?, 4 propagationPolicy string?, 5 dryRun []string
Preconditions: 1 uid string?, 2 resourceVersion string?

Namespace: 1 metadata ObjectMeta, 2 spec NamespaceSpec, 3 status NamespaceStatus
NamespaceSpec: 1 finalizers []string
NamespaceStatus: 1 phase string
ConfigMap: 1 metadata ObjectMeta, 2 data map, 3 binaryData bytesMap, 4 immutable bool?
Secret: 1 metadata ObjectMeta, 2 data bytesMap, 3 type string, 4 stringData map, 5 immutable bool?
ServiceAccount: 1 metadata ObjectMeta, 2 secrets []ObjectReference, 3 imagePullSecrets []LocalObjectReference, 4 automountServiceAccountToken bool?
LocalObjectReference: 1 name string
ObjectReference: 1 kind string, 2 namespace string, 3 name string, 4 uid string, 5 apiVersion string, 6 resourceVersion string, 7 fieldPath string
Binding: 1 metadata ObjectMeta, 2 target ObjectReference
Service: 1 metadata ObjectMeta, 2 spec ServiceSpec, 3 status ServiceStatus
ServiceSpec: 1 ports []ServicePort, 2 selector map, 3 clusterIP string, 4 type string, 5 externalIPs []string, 7 sessionAffinity string, 8 loadBalancerIP string, 9 loadBalancerSourceRanges []string, 10 externalName string, 11 externalTrafficPolicy string, 12 healthCheckNodePort int, 13 publishNotReadyAddresses bool, 17 ipFamilyPolicy string?, 18 clusterIPs []string, 19 ipFamilies []string, 20 allocateLoadBalancerNodePorts bool?, 21 loadBalancerClass string?, 22 internalTrafficPolicy string?
ServicePort: 1 name string, 2 protocol string, 3 port int, 4 targetPort IntOrString, 5 nodePort int, 6 appProtocol string?
ServiceStatus: 1 loadBalancer LoadBalancerStatus
LoadBalancerStatus:

PodTemplateSpec: 1 metadata ObjectMeta, 2 spec PodSpec
PodSpec: 1 volumes []Volume, 2 containers []Container, 3 restartPolicy string, 4 terminationGracePeriodSeconds int?, 5 activeDeadlineSeconds int?, 6 dnsPolicy string, 7 nodeSelector map, 8 serviceAccountName string, 9 serviceAccount string, 10 nodeName string, 11 hostNetwork bool, 12 hostPID bool, 13 hostIPC bool, 14 securityContext PodSecurityContext, 15 imagePullSecrets []LocalObjectReference, 16 hostname string, 17 subdomain string, 19 schedulerName string, 20 initContainers []Container, 21 automountServiceAccountToken bool?, 22 tolerations []Toleration, 24 priorityClassName string, 25 priority int?, 27 shareProcessNamespace bool?, 29 runtimeClassName string?, 30 enableServiceLinks bool?, 31 preemptionPolicy string?, 35 setHostnameAsFQDN bool?, 37 hostUsers bool?
PodSecurityContext: 2 runAsUser int?, 3 runAsNonRoot bool?, 4 supplementalGroups []int, 5 fsGroup int?, 6 runAsGroup int?
Toleration: 1 key string, 2 operator string, 3 value string, 4 effect string, 5 tolerationSeconds int?
Container: 1 name string, 2 image string, 3 command []string, 4 args []string, 5 workingDir string, 6 ports []ContainerPort, 7 env []EnvVar, 8 resources ResourceRequirements, 9 volumeMounts []VolumeMount, 13 terminationMessagePath string, 14 imagePullPolicy string, 16 stdin bool, 17 stdinOnce bool, 18 tty bool, 19 envFrom []EnvFromSource, 20 terminationMessagePolicy string
ContainerPort: 1 name string, 2 hostPort int, 3 containerPort int, 4 protocol string, 5 hostIP string
EnvVar: 1 name string, 2 value string, 3 valueFrom EnvVarSource
EnvVarSource: 1 fieldRef FieldSelector, 3 configMapKeyRef KeySelector, 4 secretKeyRef KeySelector
FieldSelector: 1 apiVersion string, 2 fieldPath string
KeySelector: 1 localObjectReference inline:LocalObjectReference, 2 key string, 3 optional bool?
EnvFromSource: 1 prefix string, 2 configMapRef NamedSource, 3 secretRef NamedSource
NamedSource: 1 localObjectReference inline:LocalObjectReference, 2 optional bool?
ResourceRequirements: 1 limits quantities, 2 requests quantities
VolumeMount: 1 name string, 2 readOnly bool, 3 mountPath string, 4 subPath string, 5 mountPropagation string?, 6 subPathExpr string
Volume: 1 name string, 2 volumeSource inline:VolumeSource
VolumeSource: 1 hostPath HostPath, 2 emptyDir EmptyDir, 6 secret SecretVolume, 19 configMap ConfigMapVolume
HostPath: 1 path string, 2 type string?
EmptyDir: 1 medium string
SecretVolume: 1 secretName string, 2 items []KeyToPath, 3 defaultMode int?, 4 optional bool?
ConfigMapVolume: 1 localObjectReference inline:LocalObjectReference, 2 items []KeyToPath, 3 defaultMode int?, 4 optional bool?
KeyToPath: 1 key string, 2 path string, 3 mode int?

Deployment: 1 metadata ObjectMeta, 2 spec DeploymentSpec, 3 status DeploymentStatus
DeploymentSpec: 1 replicas int?, 2 selector LabelSelector, 3 template PodTemplateSpec, 4 strategy DeploymentStrategy, 5 minReadySeconds int, 6 revisionHistoryLimit int?, 7 paused bool, 9 progressDeadlineSeconds int?
DeploymentStrategy: 1 type string, 2 rollingUpdate RollingUpdate
RollingUpdate: 1 maxUnavailable IntOrString, 2 maxSurge IntOrString
DeploymentStatus: 1 observedGeneration int, 2 replicas int, 3 updatedReplicas int, 4 availableReplicas int, 5 unavailableReplicas int, 7 readyReplicas int
Job: 1 metadata ObjectMeta, 2 spec JobSpec, 3 status JobStatus
JobSpec: 1 parallelism int?, 2 completions int?, 3 activeDeadlineSeconds int?, 4 selector LabelSelector, 5 manualSelector bool?, 6 template PodTemplateSpec, 7 backoffLimit int?, 8 ttlSecondsAfterFinished int?, 9 completionMode string?, 10 suspend bool?, 14 podReplacementPolicy string?
JobStatus: 4 active int, 5 succeeded int, 6 failed int, 7 completedIndexes string
CronJob: 1 metadata ObjectMeta, 2 spec CronJobSpec, 3 status CronJobStatus
CronJobSpec: 1 schedule string, 2 startingDeadlineSeconds int?, 3 concurrencyPolicy string, 4 suspend bool?, 5 jobTemplate JobTemplateSpec, 6 successfulJobsHistoryLimit int?, 7 failedJobsHistoryLimit int?, 8 timeZone string?
CronJobStatus:
JobTemplateSpec: 1 metadata ObjectMeta, 2 spec JobSpec

Role: 1 metadata ObjectMeta, 2 rules []PolicyRule
ClusterRole: 1 metadata ObjectMeta, 2 rules []PolicyRule, 3 aggregationRule AggregationRule
AggregationRule: 1 clusterRoleSelectors []LabelSelector
PolicyRule: 1 verbs []string, 2 apiGroups []string, 3 resources []string, 4 resourceNames []string, 5 nonResourceURLs []string
RoleBinding: 1 metadata ObjectMeta, 2 subjects []Subject, 3 roleRef RoleRef
ClusterRoleBinding: 1 metadata ObjectMeta, 2 subjects []Subject, 3 roleRef RoleRef
Subject: 1 kind string, 2 apiGroup string, 3 name string, 4 namespace string
RoleRef: 1 apiGroup string, 2 kind string, 3 name string
SelfSubjectAccessReview: 1 metadata ObjectMeta, 2 spec SelfSubjectAccessReviewSpec, 3 status SubjectAccessReviewStatus
SelfSubjectAccessReviewSpec: 1 resourceAttributes ResourceAttributes, 2 nonResourceAttributes NonResourceAttributes
ResourceAttributes: 1 namespace string, 2 verb string, 3 group string, 4 version string, 5 resource string, 6 subresource string, 7 name string
NonResourceAttributes: 1 path string, 2 verb string
SubjectAccessReviewStatus: 1 allowed bool, 2 reason string, 3 evaluationError string, 4 denied bool
SelfSubjectReview: 1 metadata ObjectMeta, 2 status SelfSubjectReviewStatus
SelfSubjectReviewStatus: 1 userInfo UserInfo
UserInfo: 1 username string, 2 uid string, 3 groups []string
SelfSubjectRulesReview: 1 metadata ObjectMeta, 2 spec SelfSubjectRulesReviewSpec, 3 status SubjectRulesReviewStatus
SelfSubjectRulesReviewSpec: 1 namespace string
SubjectRulesReviewStatus: 3 incomplete bool, 4 evaluationError string
SubjectAccessReview: 1 metadata ObjectMeta, 2 spec SubjectAccessReviewSpec, 3 status SubjectAccessReviewStatus
LocalSubjectAccessReview: 1 metadata ObjectMeta, 2 spec SubjectAccessReviewSpec, 3 status SubjectAccessReviewStatus
SubjectAccessReviewSpec: 1 resourceAttributes ResourceAttributes, 2 nonResourceAttributes NonResourceAttributes, 3 user string, 4 groups []string, 6 uid string
TokenReview: 1 metadata ObjectMeta, 2 spec TokenReviewSpec, 3 status TokenReviewStatus
TokenReviewSpec: 1 token string, 2 audiences []string
TokenReviewStatus: 1 authenticated bool, 2 user UserInfo, 3 error string, 4 audiences []string
TokenRequest: 1 metadata ObjectMeta, 2 spec TokenRequestSpec, 3 status TokenRequestStatus
TokenRequestSpec: 1 audiences []string, 3 boundObjectRef BoundObjectReference, 4 expirationSeconds int?
BoundObjectReference: 1 kind string, 2 apiVersion string, 3 name string, 4 uid string
TokenRequestStatus: 1 token string, 2 expirationTimestamp Time
CertificateSigningRequest: 1 metadata ObjectMeta, 2 spec CertificateSigningRequestSpec, 3 status CertificateSigningRequestStatus
CertificateSigningRequestSpec: 1 request bytes, 2 username string, 3 uid string, 4 groups []string, 5 usages []string, 7 signerName string, 8 expirationSeconds int?
CertificateSigningRequestStatus: 1 conditions []CertificateSigningRequestCondition, 2 certificate bytes
CertificateSigningRequestCondition: 1 type string, 2 reason string, 3 message string, 4 lastUpdateTime Time, 5 lastTransitionTime Time, 6 status string
PriorityClass: 1 metadata ObjectMeta, 2 value int, 3 globalDefault bool, 4 description string, 5 preemptionPolicy string?
Eviction: 1 metadata ObjectMeta, 2 deleteOptions DeleteOptions
`;

/** One field of a message. */
export interface MessageField {
  readonly name: string;
  /** A message of the table, or one of the types below them all: `string`, `int`, `map`, … */
  readonly type: string;
  readonly list: boolean;
  /** Zero and the empty text are written by someone, not just not set. */
  readonly optional: boolean;
  /** Its fields belong to the message around it. */
  readonly inline: boolean;
}

export type MessageFields = ReadonlyMap<number, MessageField>;

const messages: ReadonlyMap<string, MessageFields> = new Map(
  notation
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [name = '', fields = ''] = line.split(/:(.*)/s);
      return [name, parseFields(fields)];
    }),
);

export function messageFields(name: string): MessageFields | undefined {
  return messages.get(name);
}

function parseFields(text: string): MessageFields {
  const fields = text.split(',').map((field) => field.trim());
  return new Map(
    fields
      .filter((field) => field !== '')
      .map((field) => {
        const [number = '', name = '', type = ''] = field.split(' ');
        return [Number(number), parseField(name, type)];
      }),
  );
}

function parseField(name: string, type: string): MessageField {
  const list = type.startsWith('[]');
  const optional = type.endsWith('?');
  const inline = type.startsWith('inline:');
  const bare = type.replace(/^\[\]|^inline:|\?$/g, '');
  return { name, type: bare, list, optional, inline };
}
