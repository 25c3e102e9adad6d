/** Workloads that end. */
export const batch: string = `
@io.k8s.api.batch.v1 batch/v1

Job kind: Job runs pods until a number of them have succeeded.
  spec JobSpec: How the job behaves.
  status JobStatus: What is observed of it. Set by the system.

JobSpec: How a job behaves.
  parallelism *int32: How many pods run at once. Defaults to 1.
  completions *int32: How many pods must succeed. Defaults to 1.
  activeDeadlineSeconds *int64: Seconds after which the job is ended.
  podFailurePolicy *PodFailurePolicy: How failed pods are handled.
  successPolicy *SuccessPolicy: When the job has succeeded.
  backoffLimit *int32: How many retries before the job has failed. Defaults to 6.
  backoffLimitPerIndex *int32: How many retries of each index.
  maxFailedIndexes *int32: How many failed indexes before the job has failed.
  selector *LabelSelector: Selects its pods; set by the system.
  manualSelector *bool: The selector is the user's own.
  template! PodTemplateSpec: The pods that will be created.
  ttlSecondsAfterFinished *int32: Seconds after its end when the job may be deleted.
  completionMode *string(Indexed|NonIndexed): Whether pods have an index. Defaults to NonIndexed.
  suspend *bool: Holds back the creation of pods. Defaults to false.
  podReplacementPolicy *string(Failed|TerminatingOrFailed): When a pod is replaced.
  managedBy *string: The controller that manages the job.

PodFailurePolicy: How failed pods are handled.
  rules! []PodFailurePolicyRule: Tried in order; the first that matches decides.

PodFailurePolicyRule: How a failed pod is handled.
  action! string(Count|FailIndex|FailJob|Ignore): What to do.
  onExitCodes *PodFailurePolicyOnExitCodesRequirement: Exit codes that match.
  onPodConditions []PodFailurePolicyOnPodConditionsPattern: Conditions that match.

PodFailurePolicyOnExitCodesRequirement: A set of exit codes.
  containerName *string: The container; all when absent.
  operator! string(In|NotIn): In or NotIn.
  values! []int32 set: The exit codes.

PodFailurePolicyOnPodConditionsPattern: A condition.
  type! string: Its type.
  status string ~: Its status. Defaults to True.

SuccessPolicy: When a job has succeeded.
  rules! []SuccessPolicyRule: Tried in order.

SuccessPolicyRule: When a job has succeeded.
  succeededIndexes *string: Indexes that must have succeeded.
  succeededCount *int32: How many of them.

JobStatus: What is observed of a job.
  conditions []JobCondition merge=type: Observations of the job's state.
  startTime *time: When the controller took the job on.
  completionTime *time: When it was complete.
  active int32: Pods that run.
  succeeded int32: The number of pods which reached phase Succeeded. The value increases monotonically for a given spec. However, it may decrease in reaction to scale down of elastic indexed jobs.
  failed int32: Pods that have failed.
  terminating *int32: Pods that are ending.
  completedIndexes string: Indexes that have succeeded.
  failedIndexes *string: Indexes that have failed.
  uncountedTerminatedPods *UncountedTerminatedPods: Pods that have ended but are not counted yet.
  ready *int32: Pods that are ready.

JobCondition: One observation of a job's state.
  type! string: Suspended, Complete, Failed, FailureTarget or SuccessCriteriaMet.
  status! string: True, False or Unknown.
  lastProbeTime time: When it was last looked at.
  lastTransitionTime time: When the status last changed.
  reason string: Why it last changed, in CamelCase.
  message string: The same for people.

UncountedTerminatedPods: Pods that have ended but are not counted yet.
  succeeded []string set: UIDs of those that have succeeded.
  failed []string set: UIDs of those that have failed.

JobTemplateSpec: What a job made from the template will be.
  metadata ObjectMeta: Metadata of the jobs.
  spec JobSpec: How the jobs behave.

CronJob kind: CronJob makes jobs by a schedule.
  spec! CronJobSpec: How it behaves.
  status CronJobStatus: What is observed of it. Set by the system.

CronJobSpec: How a CronJob behaves.
  schedule! string: The schedule in Cron format, see https://en.wikipedia.org/wiki/Cron.
  timeZone *string: The time zone name for the given schedule, see https://en.wikipedia.org/wiki/List_of_tz_database_time_zones. If not specified, this will default to the time zone of the kube-controller-manager process. The set of valid time zone names and the time zone offset is loaded from the system-wide time zone database by the API server during CronJob validation and the controller manager during execution. If no system-wide time zone database can be found a bundled version of the database is used instead. If the time zone name becomes invalid during the lifetime of a CronJob or due to a change in host configuration, the controller will stop creating new new Jobs and will create a system event with the reason UnknownTimeZone. More information can be found in https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#time-zones
  startingDeadlineSeconds *int64: Seconds a job may start late.
  concurrencyPolicy string(Allow|Forbid|Replace): What if the last job still runs. Defaults to Allow.
  suspend *bool: This flag tells the controller to suspend subsequent executions, it does not apply to already started executions.  Defaults to false.
  jobTemplate! JobTemplateSpec: The jobs that will be created.
  successfulJobsHistoryLimit *int32: How many jobs that succeeded are kept. Defaults to 3.
  failedJobsHistoryLimit *int32: How many jobs that failed are kept. Defaults to 1.

CronJobStatus: What is observed of a CronJob.
  active []ObjectReference: A list of pointers to currently running jobs.
  lastScheduleTime *time: Information when was the last time the job was successfully scheduled.
  lastSuccessfulTime *time: When a job last succeeded.
`;
