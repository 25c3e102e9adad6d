/** PersistentVolumes, claims, and the volume sources that only clusters with special storage know. */
export const storage: string = `
@io.k8s.api.core.v1 v1

PersistentVolume kind: PersistentVolume is a storage resource of the cluster.
  spec PersistentVolumeSpec: What the volume is.
  status PersistentVolumeStatus: What is observed of it. Set by the system.

PersistentVolumeSpec: What a volume is.
  capacity map[quantity]: capacity is the description of the persistent volume's resources and capacity. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#capacity
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
  accessModes []string: accessModes contains all ways the volume can be mounted. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#access-modes
  claimRef *ObjectReference granular: The claim it is bound to.
  persistentVolumeReclaimPolicy string(Delete|Recycle|Retain): persistentVolumeReclaimPolicy defines what happens to a persistent volume when released from its claim. Valid options are Retain (default for manually created PersistentVolumes), Delete (default for dynamically provisioned PersistentVolumes), and Recycle (deprecated). Recycle must be supported by the volume plugin underlying this PersistentVolume. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#reclaiming
  storageClassName string: Its StorageClass.
  mountOptions []string: Options for the mount.
  volumeMode *string(Block|Filesystem): volumeMode defines if a volume is intended to be used with a formatted filesystem or to remain in raw block state. Value of Filesystem is implied when not included in spec.
  nodeAffinity *VolumeNodeAffinity: Nodes it can be reached from.
  volumeAttributesClassName *string: Its VolumeAttributesClass.

VolumeNodeAffinity: Nodes a volume can be reached from.
  required *NodeSelector: Must hold.

PersistentVolumeStatus: What is observed of a volume.
  phase string(Available|Bound|Failed|Pending|Released): phase indicates if a volume is available, bound to a claim, or released by a claim. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#phase
  message string: Why, for people.
  reason string: reason is a brief CamelCase string that describes any failure and is meant for machine parsing and tidy display in the CLI.
  lastPhaseTransitionTime *time: When the phase last changed.

PersistentVolumeClaim kind: PersistentVolumeClaim is a user's request for and claim to a persistent volume.
  spec PersistentVolumeClaimSpec: What is wanted.
  status PersistentVolumeClaimStatus: What is observed. Set by the system.

PersistentVolumeClaimSpec: What is wanted of a claim.
  accessModes []string: The ways it will be mounted.
  selector *LabelSelector: Selects volumes.
  resources VolumeResourceRequirements: What it must hold.
  volumeName string: volumeName is the binding reference to the PersistentVolume backing this claim.
  storageClassName *string: The StorageClass wanted.
  volumeMode *string(Block|Filesystem): volumeMode defines what type of volume is required by the claim. Value of Filesystem is implied when not included in claim spec.
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
  phase string(Bound|Lost|Pending): phase represents the current phase of PersistentVolumeClaim.
  accessModes []string: accessModes contains the actual access modes the volume backing the PVC has. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#access-modes-1
  capacity map[quantity]: capacity represents the actual resources of the underlying volume.
  conditions []PersistentVolumeClaimCondition merge=type map=type: Observations of the claim's state.
  allocatedResources map[quantity]: What is set aside for it.
  allocatedResourceStatuses map[string] granular: How far a resize is.
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
