/** Groups with a kind or two. */
export const coordination: string = `
@io.k8s.api.coordination.v1 coordination.k8s.io/v1

Lease kind: Lease defines a lease concept.
  spec LeaseSpec: Who holds it and for how long.

LeaseSpec: Who holds a lease and for how long.
  holderIdentity *string: holderIdentity contains the identity of the holder of a current lease. If Coordinated Leader Election is used, the holder identity must be equal to the elected LeaseCandidate.metadata.name field.
  leaseDurationSeconds *int32: Seconds after renewTime when others may take it.
  acquireTime *microTime: When it was taken.
  renewTime *microTime: When its holder last renewed it.
  leaseTransitions *int32: How often it changed hands.
  strategy *string: How the holder is chosen.
  preferredHolder *string: Who should take it next.
`;

export const autoscaling: string = `
@io.k8s.api.autoscaling.v1 autoscaling/v1

Scale kind: Scale represents a scaling request for a resource.
  spec ScaleSpec: How many are wanted.
  status ScaleStatus: How many there are.

ScaleSpec: How many are wanted.
  replicas int32: The number.

ScaleStatus: How many there are.
  replicas! int32: The number.
  selector string: Selects the pods, as a string.
`;

export const policy: string = `
@io.k8s.api.policy.v1 policy/v1

Eviction kind: Eviction asks a pod to leave its node.
  deleteOptions *DeleteOptions: How to delete it.
`;

export const apiextensions: string = `
@io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1 apiextensions.k8s.io/v1

CustomResourceDefinition kind: CustomResourceDefinition represents a resource that should be exposed on the API server.
  spec! CustomResourceDefinitionSpec: What the resource is.
  status CustomResourceDefinitionStatus: What is observed of it. Set by the system.

CustomResourceDefinitionSpec: What a custom resource is.
  group! string: Its API group.
  names! CustomResourceDefinitionNames: Its names.
  scope! string: Cluster or Namespaced.
  versions! []CustomResourceDefinitionVersion: Its versions.
  conversion *CustomResourceConversion: How versions are converted.
  preserveUnknownFields bool: Deprecated: keeps fields the schema does not name.

CustomResourceConversion: How versions are converted.
  strategy! string: None or Webhook.
  webhook *WebhookConversion: For Webhook.

WebhookConversion: A webhook that converts.
  clientConfig *WebhookClientConfig: How to call it.
  conversionReviewVersions! []string: Versions of the review it knows.

WebhookClientConfig: How to call a webhook: by one of url and service.
  url *string: Its address, https://host:port/path.
  service *ServiceReference: The service that it is.
  caBundle bytes: PEM of the authorities that vouch for it.

ServiceReference: A service.
  namespace! string: Its namespace.
  name! string: Its name.
  path *string: Path of the URL.
  port *int32: Its port, 443 when absent.

CustomResourceDefinitionNames: Names of a custom resource.
  plural! string: Plural, as in paths; lower case.
  singular string: Singular; the lower case of kind when absent.
  shortNames []string: Short names for the command line.
  kind! string: Kind of the objects, in CamelCase.
  listKind string: Kind of their lists; kind with List when absent.
  categories []string: Groups of resources it belongs to, for example all.

CustomResourceDefinitionVersion: One version of a custom resource.
  name! string: Name, for example v1beta1.
  served! bool: Whether it can be used.
  storage! bool: Whether it is the one that is stored; exactly one is.
  deprecated bool: Whether using it warns.
  deprecationWarning *string: What the warning says.
  schema *CustomResourceValidation: What its objects look like.
  subresources *CustomResourceSubresources: Its subresources.
  additionalPrinterColumns []CustomResourceColumnDefinition: Columns of its tables; the age when absent.
  selectableFields []SelectableField: Fields that field selectors may name.

CustomResourceValidation: What objects look like.
  openAPIV3Schema *JSONSchemaProps: Their schema, which must be structural.

CustomResourceSubresources: Subresources of a custom resource.
  status *any: The status is written apart from the rest.
  scale *CustomResourceSubresourceScale: It can be scaled.

CustomResourceSubresourceScale: Where scaling reads and writes.
  specReplicasPath! string: Path of the number wanted.
  statusReplicasPath! string: Path of the number there is.
  labelSelectorPath *string: Path of the selector.

CustomResourceColumnDefinition: A column of a table.
  name! string: Its heading.
  type! string: Type of its values, for example integer or date.
  format string: Format of its values.
  description string: What it shows.
  priority int32: 0 in every table, higher only in wide ones.
  jsonPath! string: Path of its values.

SelectableField: A field that field selectors may name.
  jsonPath! string: Its path.

CustomResourceDefinitionStatus: What is observed of a custom resource.
  conditions []CustomResourceDefinitionCondition ~ map=type: Observations of its state.
  acceptedNames CustomResourceDefinitionNames: The names in force.
  storedVersions []string ~: Versions that may be in the store.
  observedGeneration int64: Generation that the status was computed from.

CustomResourceDefinitionCondition: One observation of a definition's state.
  type! string: NamesAccepted, Established or Terminating.
  status! string: True, False or Unknown.
  lastTransitionTime time: When the status last changed.
  reason string: Why it last changed, in CamelCase.
  message string: The same for people.
  observedGeneration int64: Generation that the condition was computed from.

JSONSchemaProps: A schema in the notation of OpenAPI v3.
  id string
  $schema string
  $ref *string
  description string: What the value means.
  type string: object, array, string, integer, number or boolean.
  format string: Form of the value, for example date-time.
  title string
  default *any: Value of a field that is not given.
  maximum *double
  exclusiveMaximum bool
  minimum *double
  exclusiveMinimum bool
  maxLength *int64
  minLength *int64
  pattern string: Regular expression that strings must match.
  maxItems *int64
  minItems *int64
  uniqueItems bool
  multipleOf *double
  enum []any: Values allowed.
  maxProperties *int64
  minProperties *int64
  required []string: Fields that must be there.
  items *any: Schema of list elements.
  allOf []JSONSchemaProps
  oneOf []JSONSchemaProps
  anyOf []JSONSchemaProps
  not *JSONSchemaProps
  properties map[JSONSchemaProps]: Schemas of fields.
  additionalProperties *any: Schema of the values of a map.
  patternProperties map[JSONSchemaProps]
  dependencies map[any]
  additionalItems *any
  definitions map[JSONSchemaProps]
  externalDocs *ExternalDocumentation
  example *any
  nullable bool: Whether null is allowed.
  x-kubernetes-preserve-unknown-fields *bool: Keeps fields the schema does not name.
  x-kubernetes-embedded-resource bool: The value is a Kubernetes object.
  x-kubernetes-int-or-string bool: The value is an integer or a string.
  x-kubernetes-list-map-keys []string: Keys that tell elements apart.
  x-kubernetes-list-type *string: atomic, set or map.
  x-kubernetes-map-type *string: granular or atomic.
  x-kubernetes-validations []ValidationRule merge=rule map=rule: Rules in CEL.

ExternalDocumentation: Where to read more.
  description string
  url string

ValidationRule: A rule in CEL.
  rule! string: The expression; true means valid.
  message string: What to say otherwise.
  messageExpression string: Expression that makes the message.
  reason *string: Reason of the error.
  fieldPath string: Field the error is about.
  optionalOldSelf *bool: Whether the rule also holds for new values.
`;

export const events: string = `
@io.k8s.api.events.v1 events.k8s.io/v1

Event kind: Event is a report of something that happened in the cluster.
  eventTime! microTime: When it happened.
  series *EventSeries: The series it belongs to.
  reportingController string: What reports it.
  reportingInstance string: Which of its processes.
  action string: What was done about it.
  reason string: Why, in CamelCase.
  regarding ObjectReference: The object it is about.
  related *ObjectReference: A second object.
  note string: The same for people.
  type string: Normal or Warning.
  deprecatedSource EventSource: What reported it, as older clients say it.
  deprecatedFirstTimestamp time: When it was first seen, as older clients say it.
  deprecatedLastTimestamp time: When it was last seen, as older clients say it.
  deprecatedCount int32: How often it was seen, as older clients say it.

EventSeries: Repetitions of an event.
  count! int32: How many so far.
  lastObservedTime! microTime: When the last one was seen.
`;
