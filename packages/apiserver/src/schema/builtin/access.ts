/** Who may do what: RBAC, and the reviews that answer it. */
export const rbac: string = `
@io.k8s.api.rbac.v1 rbac.authorization.k8s.io/v1

Role kind: Role is a set of permissions within a namespace.
  rules []PolicyRule ~: The permissions.

ClusterRole kind: ClusterRole is a set of permissions for the whole cluster.
  rules []PolicyRule ~: The permissions.
  aggregationRule *AggregationRule: Roles whose rules make up this one.

AggregationRule: Roles whose rules make up another.
  clusterRoleSelectors []LabelSelector: Selects the roles.

PolicyRule: What may be done to which resources.
  verbs! []string: What may be done; * for everything.
  apiGroups []string: Groups of the resources; the empty string is the core group, * is all.
  resources []string: The resources; * is all.
  resourceNames []string: Names of objects; all when empty.
  nonResourceURLs []string: Paths that are no resources.

RoleBinding kind: RoleBinding gives a role to subjects within a namespace.
  subjects []Subject: Who has the role.
  roleRef! RoleRef: The role. Cannot be changed.

ClusterRoleBinding kind: ClusterRoleBinding gives a ClusterRole to subjects in the whole cluster.
  subjects []Subject: Who has the role.
  roleRef! RoleRef: The role. Cannot be changed.

Subject atomic: A user, a group or a ServiceAccount.
  kind! string: User, Group or ServiceAccount.
  apiGroup string: Group of the kind.
  name! string: Name.
  namespace string: Namespace of a ServiceAccount.

RoleRef atomic: Names a role.
  apiGroup string ~: rbac.authorization.k8s.io.
  kind! string: Role or ClusterRole.
  name! string: Name.
`;

export const authorization: string = `
@io.k8s.api.authorization.v1 authorization.k8s.io/v1

SelfSubjectAccessReview kind: SelfSubjectAccessReview answers whether the caller may do something.
  spec! SelfSubjectAccessReviewSpec: What is asked.
  status SubjectAccessReviewStatus: The answer.

SelfSubjectAccessReviewSpec: What is asked: exactly one.
  resourceAttributes *ResourceAttributes: About a resource.
  nonResourceAttributes *NonResourceAttributes: About another path.

ResourceAttributes: An action on a resource.
  namespace string
  verb string
  group string
  version string
  resource string
  subresource string
  name string
  fieldSelector *FieldSelectorAttributes: Of what fields the objects must have.
  labelSelector *LabelSelectorAttributes: Of what labels the objects must have.

FieldSelectorAttributes: A field selector, as text or read.
  rawSelector string: As it stands in a query.
  requirements []FieldSelectorRequirement: What must hold, all of it.

FieldSelectorRequirement: What must hold of a field.
  key! string: The field.
  operator! string: In, NotIn, Exists or DoesNotExist.
  values []string: For In and NotIn.

LabelSelectorAttributes: A label selector, as text or read.
  rawSelector string: As it stands in a query.
  requirements []LabelSelectorRequirement: What must hold, all of it.

NonResourceAttributes: An action on another path.
  path string
  verb string

SubjectAccessReview kind: SubjectAccessReview answers whether somebody may do something.
  spec! SubjectAccessReviewSpec: What is asked.
  status SubjectAccessReviewStatus: The answer.

LocalSubjectAccessReview kind: LocalSubjectAccessReview answers whether somebody may do something in a namespace.
  spec! SubjectAccessReviewSpec: What is asked.
  status SubjectAccessReviewStatus: The answer.

SubjectAccessReviewSpec: What is asked about whom.
  resourceAttributes *ResourceAttributes: About a resource.
  nonResourceAttributes *NonResourceAttributes: About another path.
  user string: The user.
  groups []string: The user's groups.
  extra map[[]string]: What else is known of the user.
  uid string: The user's identifier.

SelfSubjectRulesReview kind: SelfSubjectRulesReview lists what the caller may do in a namespace.
  spec! SelfSubjectRulesReviewSpec: What is asked.
  status SubjectRulesReviewStatus: The answer.

SelfSubjectRulesReviewSpec: What is asked.
  namespace string: The namespace.

SubjectRulesReviewStatus: What somebody may do.
  resourceRules! []ResourceRule: With resources.
  nonResourceRules! []NonResourceRule: With other paths.
  incomplete! bool: There may be more.
  evaluationError string: What went wrong in finding out.

ResourceRule: What may be done to which resources.
  verbs! []string: What may be done.
  apiGroups []string: Groups of the resources.
  resources []string: The resources.
  resourceNames []string: Names of objects; all when empty.

NonResourceRule: What may be done with which paths.
  verbs! []string: What may be done.
  nonResourceURLs []string: The paths.

SubjectAccessReviewStatus: Whether it may be done.
  allowed! bool: It may.
  denied bool: It may not, whatever others say.
  reason string: Why.
  evaluationError string: What went wrong in finding out.
`;

export const authentication: string = `
@io.k8s.api.authentication.v1 authentication.k8s.io/v1

SelfSubjectReview kind: SelfSubjectReview answers who the caller is.
  status SelfSubjectReviewStatus: The answer.

SelfSubjectReviewStatus: Who the caller is.
  userInfo UserInfo: The caller.

TokenReview kind: TokenReview answers whose token it is.
  spec! TokenReviewSpec: What is asked.
  status TokenReviewStatus: The answer.

TokenReviewSpec: A token, and what for.
  token! *string: The token.
  audiences []string: It must be meant for one of them; for the API server when there are none.

TokenReviewStatus: Whose token it is.
  authenticated bool: It is good.
  user UserInfo: Its bearer.
  audiences []string: Those of the audiences asked for that it is meant for.
  error string: Why it is not good.

TokenRequest kind: TokenRequest asks for a token of a ServiceAccount.
  spec! TokenRequestSpec: What is asked.
  status TokenRequestStatus: The token.

TokenRequestSpec: What a token is to be.
  audiences! []string: Who is to take it; the API server when there are none.
  expirationSeconds *int64: How long it is to last, seconds.
  boundObjectRef *BoundObjectReference: The object without which it is worth nothing.

BoundObjectReference: Names a Pod, Secret or Node.
  kind string: Pod, Secret or Node.
  apiVersion string: v1.
  name string: Its name.
  uid string: Its uid.

TokenRequestStatus: A token.
  token! string: The token.
  expirationTimestamp! time: When it is to be renewed at the latest.

UserInfo: A user.
  username string
  uid string
  groups []string
  extra map[[]string]
`;
