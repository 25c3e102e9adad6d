/** Volume sources of particular storage systems, for pods and for PersistentVolumes. */
export const volumePlugins: string = `
@io.k8s.api.core.v1

GCEPersistentDiskVolumeSource: A disk of Google Compute Engine.
  pdName! string
  fsType string
  partition int32
  readOnly bool

AWSElasticBlockStoreVolumeSource: A disk of AWS.
  volumeID! string
  fsType string
  partition int32
  readOnly bool

GitRepoVolumeSource: A git repository.
  repository! string
  revision string
  directory string

ISCSIVolumeSource: An iSCSI disk.
  targetPortal! string
  iqn! string
  lun! int32
  iscsiInterface string
  fsType string
  readOnly bool
  portals []string
  chapAuthDiscovery bool
  chapAuthSession bool
  secretRef *LocalObjectReference
  initiatorName *string

ISCSIPersistentVolumeSource: An iSCSI disk.
  targetPortal! string
  iqn! string
  lun! int32
  iscsiInterface string
  fsType string
  readOnly bool
  portals []string
  chapAuthDiscovery bool
  chapAuthSession bool
  secretRef *SecretReference
  initiatorName *string

GlusterfsVolumeSource: A Glusterfs mount.
  endpoints! string
  path! string
  readOnly bool

GlusterfsPersistentVolumeSource: A Glusterfs mount.
  endpoints! string
  path! string
  readOnly bool
  endpointsNamespace *string

RBDVolumeSource: A Rados block device.
  monitors! []string
  image! string
  fsType string
  pool string
  user string
  keyring string
  secretRef *LocalObjectReference
  readOnly bool

RBDPersistentVolumeSource: A Rados block device.
  monitors! []string
  image! string
  fsType string
  pool string
  user string
  keyring string
  secretRef *SecretReference
  readOnly bool

FlexVolumeSource: A volume of an exec based plugin.
  driver! string
  fsType string
  secretRef *LocalObjectReference
  readOnly bool
  options map[string]

FlexPersistentVolumeSource: A volume of an exec based plugin.
  driver! string
  fsType string
  secretRef *SecretReference
  readOnly bool
  options map[string]

CinderVolumeSource: A Cinder volume.
  volumeID! string
  fsType string
  readOnly bool
  secretRef *LocalObjectReference

CinderPersistentVolumeSource: A Cinder volume.
  volumeID! string
  fsType string
  readOnly bool
  secretRef *SecretReference

CephFSVolumeSource: A Ceph mount.
  monitors! []string
  path string
  user string
  secretFile string
  secretRef *LocalObjectReference
  readOnly bool

CephFSPersistentVolumeSource: A Ceph mount.
  monitors! []string
  path string
  user string
  secretFile string
  secretRef *SecretReference
  readOnly bool

FlockerVolumeSource: A Flocker volume.
  datasetName string
  datasetUUID string

FCVolumeSource: A Fibre Channel disk.
  targetWWNs []string
  lun *int32
  fsType string
  readOnly bool
  wwids []string

AzureFileVolumeSource: An Azure file share.
  secretName! string
  shareName! string
  readOnly bool

AzureFilePersistentVolumeSource: An Azure file share.
  secretName! string
  shareName! string
  readOnly bool
  secretNamespace *string ~

VsphereVirtualDiskVolumeSource: A vSphere disk.
  volumePath! string
  fsType string
  storagePolicyName string
  storagePolicyID string

QuobyteVolumeSource: A Quobyte mount.
  registry! string
  volume! string
  readOnly bool
  user string
  group string
  tenant string

AzureDiskVolumeSource: An Azure disk.
  diskName! string
  diskURI! string
  cachingMode *string
  fsType *string
  readOnly *bool
  kind *string

PhotonPersistentDiskVolumeSource: A Photon disk.
  pdID! string
  fsType string

PortworxVolumeSource: A Portworx volume.
  volumeID! string
  fsType string
  readOnly bool

ScaleIOVolumeSource: A ScaleIO volume.
  gateway! string
  system! string
  secretRef! *LocalObjectReference
  sslEnabled bool
  protectionDomain string
  storagePool string
  storageMode string
  volumeName string
  fsType string
  readOnly bool

ScaleIOPersistentVolumeSource: A ScaleIO volume.
  gateway! string
  system! string
  secretRef! *SecretReference
  sslEnabled bool
  protectionDomain string
  storagePool string
  storageMode string
  volumeName string
  fsType string
  readOnly bool

StorageOSVolumeSource: A StorageOS volume.
  volumeName string
  volumeNamespace string
  fsType string
  readOnly bool
  secretRef *LocalObjectReference

StorageOSPersistentVolumeSource: A StorageOS volume.
  volumeName string
  volumeNamespace string
  fsType string
  readOnly bool
  secretRef *ObjectReference
`;
