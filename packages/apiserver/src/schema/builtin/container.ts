/** Containers and what they are made of. */
export const container: string = `
@io.k8s.api.core.v1

Container: A single application container that you want to run within a pod.
  name! string: Name of the container, a DNS label, unique within the pod. Cannot be changed.
  image string: Image to run. More info: https://kubernetes.io/docs/concepts/containers/images
  command []string: Entrypoint, not run in a shell; the image's ENTRYPOINT when absent. $(NAME) is replaced by environment variables.
  args []string: Arguments to the entrypoint; the image's CMD when absent. $(NAME) is replaced by environment variables.
  workingDir string: Directory the container starts in; the image's when absent.
  ports []ContainerPort merge=containerPort map=containerPort,protocol: Ports the container listens on. Informative unless hostPort is set.
  envFrom []EnvFromSource: Sources whose keys all become environment variables; the last source wins, env wins over all.
  env []EnvVar merge=name map=name: Environment variables to set in the container.
  resources ResourceRequirements: Compute resources the container needs and may use.
  resizePolicy []ContainerResizePolicy: What changing each resource does to the container.
  restartPolicy *string: Overrides the pod's restart policy. Always on an init container makes it a sidecar.
  restartPolicyRules []ContainerRestartRule: Rules, tried in order, that decide whether an exit leads to a restart.
  volumeMounts []VolumeMount merge=mountPath map=mountPath: Volumes to mount into the container's file system.
  volumeDevices []VolumeDevice merge=devicePath map=devicePath: Block devices the container uses.
  livenessProbe *Probe: Periodic check whether the container is alive; it is restarted when the check fails.
  readinessProbe *Probe: Periodic check whether the container can serve; failing ones receive no traffic.
  startupProbe *Probe: Check whether the container has started; other probes wait until it succeeds.
  lifecycle *Lifecycle: What to run after the container starts and before it stops.
  terminationMessagePath string: File whose content becomes the container's termination message. Defaults to /dev/termination-log.
  terminationMessagePolicy string(File|FallbackToLogsOnError): Where the termination message comes from. Defaults to File.
  imagePullPolicy string(Always|IfNotPresent|Never): When to pull the image. Defaults to Always for the tag latest, else to IfNotPresent.
  securityContext *SecurityContext: Security options of the container; they win over those of the pod.
  stdin bool: Keeps a buffer for standard input. Without it reads see the end of file.
  stdinOnce bool: Closes standard input after the first client has detached.
  tty bool: Gives the container a terminal; needs stdin.

EphemeralContainer: A container added to a running pod to look into it.
  ...Container
  targetContainerName string: Container whose process namespace this one joins.

ContainerPort: A network port in a single container.
  name string: Name of the port, unique within the pod; Services can refer to it.
  hostPort int32: Port of the host that leads to this one.
  containerPort! int32: Port on the pod's address, 1 to 65535.
  protocol string=TCP(SCTP|TCP|UDP): Protocol of the port. Defaults to TCP.
  hostIP string: Host address to bind the host port to.

EnvFromSource: A ConfigMap or Secret whose keys become environment variables.
  prefix string: Put in front of each key.
  configMapRef *ConfigMapEnvSource: ConfigMap to read.
  secretRef *SecretEnvSource: Secret to read.

ConfigMapEnvSource: All keys of a ConfigMap.
  name string=: Name of the ConfigMap.
  optional *bool: Whether it may be missing.

SecretEnvSource: All keys of a Secret.
  name string=: Name of the Secret.
  optional *bool: Whether it may be missing.

EnvVar: An environment variable present in a container.
  name! string: Name of the variable.
  value string: Its value; $(NAME) is replaced by earlier variables. Defaults to the empty string.
  valueFrom *EnvVarSource: Where the value comes from; not together with value.

EnvVarSource: Where the value of an environment variable comes from.
  fieldRef *ObjectFieldSelector: A field of the pod.
  resourceFieldRef *ResourceFieldSelector: A resource limit or request of a container.
  configMapKeyRef *ConfigMapKeySelector: A key of a ConfigMap.
  secretKeyRef *SecretKeySelector: A key of a Secret.
  fileKeyRef *FileKeySelector: A key of a file in a volume.

ObjectFieldSelector atomic: A field of the pod.
  apiVersion string: Version the path is written in. Defaults to v1.
  fieldPath! string: Path of the field, for example metadata.name.

ResourceFieldSelector atomic: A resource of a container.
  containerName string: The container; required in volumes, optional in the environment.
  resource! string: The resource, for example limits.cpu.
  divisor quantity ~: Unit of the result. Defaults to 1.

ConfigMapKeySelector atomic: A key of a ConfigMap.
  name string=: Name of the ConfigMap.
  key! string: The key.
  optional *bool: Whether the ConfigMap or its key may be missing.

SecretKeySelector atomic: A key of a Secret.
  name string=: Name of the Secret.
  key! string: The key.
  optional *bool: Whether the Secret or its key may be missing.

FileKeySelector atomic: A key of a file of environment variables.
  volumeName! string: Volume that holds the file.
  path! string: Path of the file in the volume.
  key! string: The key.
  optional *bool=false: Whether the file or its key may be missing.

ResourceRequirements: Compute resources a container needs and may use.
  limits map[quantity]: The most it may use.
  requests map[quantity]: The least it needs. Defaults to the limits.
  claims []ResourceClaim map=name: Resource claims of the pod that the container uses.

ResourceClaim: A resource claim of the pod.
  name! string: Name of the entry in the pod's resourceClaims.
  request string: Request within the claim; all of it when empty.

ContainerResizePolicy: What changing a resource does to a container.
  resourceName! string: The resource, cpu or memory.
  restartPolicy! string: NotRequired or RestartContainer.

ContainerRestartRule: Whether an exit leads to a restart.
  action! string: What to do when the rule matches: Restart or RestartAllContainers.
  exitCodes *ContainerRestartRuleOnExitCodes: Exit codes the rule matches.

ContainerRestartRuleOnExitCodes: A set of exit codes.
  operator! string: In or NotIn.
  values []int32 set: The exit codes, at most 255.

VolumeMount: A volume mounted into a container.
  name! string: Name of the volume.
  readOnly bool: Mounts read-only. Defaults to false.
  recursiveReadOnly *string: Whether what is mounted inside is read-only too: Disabled, IfPossible or Enabled.
  mountPath! string: Path in the container; must not contain a colon.
  subPath string: Path within the volume to mount; its root when empty.
  mountPropagation *string: How mounts propagate between host and container: None, HostToContainer or Bidirectional.
  subPathExpr string: Like subPath, with $(NAME) replaced by environment variables.

VolumeDevice: A raw block device in a container.
  name! string: Name of a persistentVolumeClaim in the pod.
  devicePath! string: Path of the device in the container.

Probe: A check of a container's health.
  ...ProbeHandler
  initialDelaySeconds int32: Seconds after the container has started before the first check.
  timeoutSeconds int32: Seconds after which a check has failed. Defaults to 1.
  periodSeconds int32: Seconds between checks. Defaults to 10.
  successThreshold int32: Successes in a row that turn the verdict good. Defaults to 1; must be 1 for liveness and startup.
  failureThreshold int32: Failures in a row that turn the verdict bad. Defaults to 3.
  terminationGracePeriodSeconds *int64: Seconds the container gets to end when the check has failed; the pod's when absent.

ProbeHandler: The check itself: exactly one.
  exec *ExecAction: Runs a command in the container; exit status 0 is success.
  httpGet *HTTPGetAction: An HTTP GET; status 200 to 399 is success.
  tcpSocket *TCPSocketAction: Opens a TCP connection.
  grpc *GRPCAction: Calls the gRPC health service.

Lifecycle: What to run when a container starts and stops.
  postStart *LifecycleHandler: Runs right after the container is created; the container ends when it fails.
  preStop *LifecycleHandler: Runs before the container is asked to end, within the grace period.
  stopSignal *string: Signal that asks the container to end; the image's or SIGTERM when absent.

LifecycleHandler: One action.
  exec *ExecAction: Runs a command in the container.
  httpGet *HTTPGetAction: Sends an HTTP GET.
  tcpSocket *TCPSocketAction: Deprecated: always fails.
  sleep *SleepAction: Waits.

ExecAction: A command to run in a container.
  command []string: The command and its arguments; not run in a shell.

HTTPGetAction: An HTTP GET request.
  path string: Path to ask for.
  port! intOrString: Number or name of the port.
  host string: Host to connect to; the pod's address when empty.
  scheme string(HTTP|HTTPS): HTTP or HTTPS. Defaults to HTTP.
  httpHeaders []HTTPHeader: Headers to send.

HTTPHeader: A header to send.
  name! string: Name of the header.
  value! string: Its value.

TCPSocketAction: A TCP connection to open.
  port! intOrString: Number or name of the port.
  host string: Host to connect to; the pod's address when empty.

GRPCAction: A gRPC health check.
  port! int32: Port of the service.
  service *string=: Name of the service to ask about.

SleepAction: A pause.
  seconds! int64: How many seconds to wait.

SecurityContext: Security options of one container.
  capabilities *Capabilities: Capabilities to add and drop.
  privileged *bool: Runs with the host's privileges. Defaults to false.
  seLinuxOptions *SELinuxOptions: SELinux context.
  windowsOptions *WindowsSecurityContextOptions: Options on Windows.
  runAsUser *int64: User id of the entrypoint; the image's when absent.
  runAsGroup *int64: Group id of the entrypoint.
  runAsNonRoot *bool: Refuses to start as user 0.
  readOnlyRootFilesystem *bool: Mounts the root file system read-only. Defaults to false.
  allowPrivilegeEscalation *bool: Whether a process may gain more privileges than its parent.
  procMount *string: How /proc is mounted. Defaults to Default.
  seccompProfile *SeccompProfile: Seccomp options.
  appArmorProfile *AppArmorProfile: AppArmor options.

Capabilities: POSIX capabilities.
  add []string: Capabilities to add.
  drop []string: Capabilities to drop.

SELinuxOptions: The labels of an SELinux context.
  user string
  role string
  type string
  level string

WindowsSecurityContextOptions: Options on Windows.
  gmsaCredentialSpecName *string
  gmsaCredentialSpec *string
  runAsUserName *string
  hostProcess *bool

SeccompProfile: Which seccomp profile to use.
  type! string: RuntimeDefault, Unconfined or Localhost.
  localhostProfile *string: File with the profile, for Localhost.

AppArmorProfile: Which AppArmor profile to use.
  type! string: RuntimeDefault, Unconfined or Localhost.
  localhostProfile *string: Name of the profile on the node, for Localhost.
`;
