/** Metadata, selectors and conditions that every group shares. */
export const meta: string = `
@io.k8s.apimachinery.pkg.apis.meta.v1

ObjectMeta: What every stored object carries.
  name string: Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names
  generateName string: Prefix from which the server makes a unique name when name is empty.
  namespace string: Namespace in which the name is unique; empty for cluster-scoped objects. Cannot be changed.
  selfLink string: Formerly a URL of this object; no longer filled in.
  uid string: Unique in time and space: tells an object from a later one with the same name. Set by the server.
  resourceVersion string: Opaque version of the object, for optimistic concurrency and watches. Set by the server.
  generation int64: Grows with every change of the desired state. Set by the server.
  creationTimestamp *time: CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\\n\\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
  deletionTimestamp *time: When the object is to be gone; set by the server when deletion is asked for gracefully.
  deletionGracePeriodSeconds *int64: Seconds the object may take to end before it is removed.
  labels map[string]: Keys and values by which objects are organised and selected.
  annotations map[string]: Keys and values that tools keep with an object; not for selection.
  ownerReferences []OwnerReference merge=uid map=uid: Objects this one depends on: when all are gone it is collected.
  finalizers []string merge set: Names that must all be removed before the object is.
  managedFields []ManagedFieldsEntry: Which writer owns which fields; kept by the server.

OwnerReference atomic: Names an owner in the same namespace or of the whole cluster.
  apiVersion! string: API version of the owner.
  kind! string: Kind of the owner.
  name! string: Name of the owner.
  uid! string: UID of the owner.
  controller *bool: True when this owner is the managing controller.
  blockOwnerDeletion *bool: With foreground deletion, keeps the owner until this object is gone.

ManagedFieldsEntry: The fields that one writer owns.
  manager string: Name of the writer.
  operation string: Apply or Update.
  apiVersion string: API version the fields are named in.
  time *time: When the entry last changed.
  fieldsType string: Always FieldsV1.
  fieldsV1 *any: The set of fields, as a trie.
  subresource string: Subresource the fields were written through; empty for the object itself.

LabelSelector atomic: Selects objects by label; all requirements must hold. An empty selector selects everything.
  matchLabels map[string]: Labels that must be present with exactly these values.
  matchExpressions []LabelSelectorRequirement: Requirements that must all hold.

LabelSelectorRequirement: A key, an operator and values.
  key! string: Label the requirement is about.
  operator! string: How the label relates to the values: In, NotIn, Exists or DoesNotExist.
  values []string: Values for In and NotIn; empty for Exists and DoesNotExist.

ListMeta: What every list carries.
  selfLink string
  resourceVersion string: Version of the whole list, from which a watch can go on.
  continue string: Set when there is more: the token for the next page.
  remainingItemCount *int64: How many items are left, when known.
  shardInfo *ShardInfo: The part of the list that was asked for, where a server answers with parts.

ShardInfo: A part of a list.
  selector! string: Selects the part.

Condition: One observation of an object's state.
  type! string: Kind of condition, in CamelCase.
  status! string: True, False or Unknown.
  observedGeneration int64: Generation that the condition was computed from.
  lastTransitionTime! time: When the status last changed.
  reason! string: Why it last changed, in CamelCase.
  message! string: The same for people.

Preconditions: What must be true of an object for it to be deleted.
  uid *string: Its UID.
  resourceVersion *string: Its version.

Status: What became of a call.
  apiVersion string
  kind string
  metadata ListMeta
  status string: Success or Failure.
  message string: What happened, for people.
  reason string: What went wrong, in CamelCase.
  details *StatusDetails: What it is about.
  code int32: HTTP status.

StatusDetails: What a Status is about.
  name string: Name of the object.
  group string: Its group.
  kind string: Its kind or resource.
  uid string: Its UID.
  causes []StatusCause: Each thing that was wrong.
  retryAfterSeconds int32: When to try again.

StatusCause: One thing that was wrong.
  reason string: What kind of thing, in CamelCase.
  message string: The same for people.
  field string: The field that it is about.

DeleteOptions: How to delete.
  apiVersion string
  kind string
  gracePeriodSeconds *int64: Seconds before the object is removed; 0 removes it at once.
  preconditions *Preconditions: What must hold first.
  orphanDependents *bool: Deprecated: use propagationPolicy.
  propagationPolicy *string: What becomes of dependents: Orphan, Background or Foreground.
  dryRun []string: All: go through the motions, store nothing.
  ignoreStoreReadErrorWithClusterBreakingPotential *bool
`;
