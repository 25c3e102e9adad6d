/** PersistentVolumes, claims, and the volume sources that only clusters with special storage know. */
export const storage: string = `
@io.k8s.api.core.v1 v1

PersistentVolume kind: PersistentVolume is a storage resource of the cluster.
  spec PersistentVolumeSpec: What the volume is.
  status PersistentVolumeStatus: What is observed of it. Set by the system.

PersistentVolumeSpec: What a volume is.
  capacity map[quantity]: What it holds.
  gcePersistentDisk *GCEPersistentDiskVolumeSource: Deprecated: a disk of Google Compute Engine.
  awsElasticBlockStore *AWSElasticBlockStoreVolumeSource: Deprecated: a disk of AWS.
  hostPath *HostPathVolumeSource: A directory of the host.
  glusterfs *GlusterfsPersistentVolumeSource: Deprecated: a Glusterfs mount.
  nfs *NFSVolumeSource: An NFS mount.
  rbd *RBDPersistentVolumeSource: Deprecated: a Rados block device.
  iscsi *ISCSIPersistentVolumeSource: An iSCSI disk.
  cinder *CinderPersistentVolumeSource: Deprecated: a Cinder volume.
  cephfs *CephFSPersistentVolumeSource: Deprecated: a Ceph mount.
  fc *FCVolumeSource: A Fibre Channel disk.
  flocker *FlockerVolumeSource: Deprecated: a Flocker volume.
  flexVolume *FlexPersistentVolumeSource: Deprecated: a volume of an exec based plugin.
  azureFile *AzureFilePersistentVolumeSource: Deprecated: an Azure file share.
  vsphereVolume *VsphereVirtualDiskVolumeSource: Deprecated: a vSphere disk.
  quobyte *QuobyteVolumeSource: Deprecated: a Quobyte mount.
  azureDisk *AzureDiskVolumeSource: Deprecated: an Azure disk.
  photonPersistentDisk *PhotonPersistentDiskVolumeSource: Deprecated: a Photon disk.
  portworxVolume *PortworxVolumeSource: Deprecated: a Portworx volume.
  scaleIO *ScaleIOPersistentVolumeSource: Deprecated: a ScaleIO volume.
  local *LocalVolumeSource: A disk or directory of one node.
  storageos *StorageOSPersistentVolumeSource: Deprecated: a StorageOS volume.
  csi *CSIPersistentVolumeSource: A volume of a CSI driver.
  accessModes []string: All the ways it can be mounted.
  claimRef *ObjectReference: The claim it is bound to.
  persistentVolumeReclaimPolicy string(Delete|Recycle|Retain): What becomes of it when the claim is gone.
  storageClassName string: Its StorageClass.
  mountOptions []string: Options for the mount.
  volumeMode *string(Block|Filesystem): Whether it holds a file system.
  nodeAffinity *VolumeNodeAffinity: Nodes it can be reached from.
  volumeAttributesClassName *string: Its VolumeAttributesClass.

VolumeNodeAffinity: Nodes a volume can be reached from.
  required *NodeSelector: Must hold.

PersistentVolumeStatus: What is observed of a volume.
  phase string(Available|Bound|Failed|Pending|Released): Whether it is available, bound or released.
  message string: Why, for people.
  reason string: Why, in CamelCase.
  lastPhaseTransitionTime *time: When the phase last changed.

PersistentVolumeClaim kind: PersistentVolumeClaim is a user's request for and claim to a persistent volume.
  spec PersistentVolumeClaimSpec: What is wanted.
  status PersistentVolumeClaimStatus: What is observed. Set by the system.

PersistentVolumeClaimSpec: What is wanted of a claim.
  accessModes []string: The ways it will be mounted.
  selector *LabelSelector: Selects volumes.
  resources VolumeResourceRequirements: What it must hold.
  volumeName string: The volume it is bound to.
  storageClassName *string: The StorageClass wanted.
  volumeMode *string(Block|Filesystem): Whether a file system is wanted.
  dataSource *TypedLocalObjectReference: A snapshot or claim to begin with.
  dataSourceRef *TypedObjectReference: An object to begin with.
  volumeAttributesClassName *string: The VolumeAttributesClass wanted.

VolumeResourceRequirements: What a claim must hold.
  limits map[quantity]: The most.
  requests map[quantity]: The least.

TypedLocalObjectReference atomic: Names an object in the same namespace.
  apiGroup *string: Its group.
  kind! string: Its kind.
  name! string: Its name.

TypedObjectReference: Names an object.
  apiGroup *string: Its group.
  kind! string: Its kind.
  name! string: Its name.
  namespace *string: Its namespace.

PersistentVolumeClaimStatus: What is observed of a claim.
  phase string(Bound|Lost|Pending): Whether it is bound.
  accessModes []string: The ways it can be mounted.
  capacity map[quantity]: What it holds.
  conditions []PersistentVolumeClaimCondition merge=type map=type: Observations of the claim's state.
  allocatedResources map[quantity]: What is set aside for it.
  allocatedResourceStatuses map[string] atomic: How far a resize is.
  currentVolumeAttributesClassName *string: Its VolumeAttributesClass.
  modifyVolumeStatus *ModifyVolumeStatus: How far a change of class is.

PersistentVolumeClaimCondition: One observation of a claim's state.
  type! string
  status! string
  lastProbeTime time
  lastTransitionTime time
  reason string
  message string

ModifyVolumeStatus: How far a change of class is.
  targetVolumeAttributesClassName string
  status! string

SecretReference atomic: Names a Secret.
  name string
  namespace string

LocalVolumeSource: A disk or directory of one node.
  path! string
  fsType *string

CSIPersistentVolumeSource: A volume of a CSI driver.
  driver! string
  volumeHandle! string
  readOnly bool
  fsType string
  volumeAttributes map[string]
  controllerPublishSecretRef *SecretReference
  nodeStageSecretRef *SecretReference
  nodePublishSecretRef *SecretReference
  controllerExpandSecretRef *SecretReference
  nodeExpandSecretRef *SecretReference
`;
