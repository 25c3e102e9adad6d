/** Volumes of a pod, and the sources in everyday use. */
export const volume: string = `
@io.k8s.api.core.v1

Volume: A named volume in a pod; exactly one source.
  name! string: Name of the volume, a DNS label, unique within the pod.
  hostPath *HostPathVolumeSource: A file or directory of the host.
  emptyDir *EmptyDirVolumeSource: A directory that lives as long as the pod.
  gcePersistentDisk *GCEPersistentDiskVolumeSource: Deprecated: a disk of Google Compute Engine.
  awsElasticBlockStore *AWSElasticBlockStoreVolumeSource: Deprecated: a disk of AWS.
  gitRepo *GitRepoVolumeSource: Deprecated: a git repository.
  secret *SecretVolumeSource: The keys of a Secret as files.
  nfs *NFSVolumeSource: An NFS mount.
  iscsi *ISCSIVolumeSource: An iSCSI disk.
  glusterfs *GlusterfsVolumeSource: Deprecated: a Glusterfs mount.
  persistentVolumeClaim *PersistentVolumeClaimVolumeSource: A PersistentVolumeClaim of the namespace.
  rbd *RBDVolumeSource: Deprecated: a Rados block device.
  flexVolume *FlexVolumeSource: Deprecated: a volume of an exec based plugin.
  cinder *CinderVolumeSource: Deprecated: a Cinder volume.
  cephfs *CephFSVolumeSource: Deprecated: a Ceph mount.
  flocker *FlockerVolumeSource: Deprecated: a Flocker volume.
  downwardAPI *DownwardAPIVolumeSource: Fields of the pod as files.
  fc *FCVolumeSource: A Fibre Channel disk.
  azureFile *AzureFileVolumeSource: Deprecated: an Azure file share.
  configMap *ConfigMapVolumeSource: The keys of a ConfigMap as files.
  vsphereVolume *VsphereVirtualDiskVolumeSource: Deprecated: a vSphere disk.
  quobyte *QuobyteVolumeSource: Deprecated: a Quobyte mount.
  azureDisk *AzureDiskVolumeSource: Deprecated: an Azure disk.
  photonPersistentDisk *PhotonPersistentDiskVolumeSource: Deprecated: a Photon disk.
  projected *ProjectedVolumeSource: Several sources in one directory.
  portworxVolume *PortworxVolumeSource: Deprecated: a Portworx volume.
  scaleIO *ScaleIOVolumeSource: Deprecated: a ScaleIO volume.
  storageos *StorageOSVolumeSource: Deprecated: a StorageOS volume.
  csi *CSIVolumeSource: A volume of a CSI driver.
  ephemeral *EphemeralVolumeSource: A volume made for the pod by a storage driver.
  image *ImageVolumeSource: The content of an OCI image.

HostPathVolumeSource: A file or directory of the host.
  path! string: Path on the host.
  type *string=: What must be there: empty, DirectoryOrCreate, Directory, FileOrCreate, File, Socket, CharDevice or BlockDevice.

EmptyDirVolumeSource: A directory that lives as long as the pod.
  medium string: Empty for the node's own, Memory for a tmpfs.
  sizeLimit *quantity: The most it may hold.

SecretVolumeSource: The keys of a Secret as files.
  secretName string: Name of the Secret.
  items []KeyToPath: Keys to show and where; all when empty.
  defaultMode *int32: Permission bits of the files. Defaults to 0644.
  optional *bool: Whether the Secret or its keys may be missing.

ConfigMapVolumeSource: The keys of a ConfigMap as files.
  name string=: Name of the ConfigMap.
  items []KeyToPath: Keys to show and where; all when empty.
  defaultMode *int32: Permission bits of the files. Defaults to 0644.
  optional *bool: Whether the ConfigMap or its keys may be missing.

KeyToPath: A key and the file it becomes.
  key! string: The key.
  path! string: Relative path of the file; no "..".
  mode *int32: Permission bits of the file; the volume's default when absent.

PersistentVolumeClaimVolumeSource: A PersistentVolumeClaim of the namespace.
  claimName! string: Name of the claim.
  readOnly bool: Mounts read-only.

DownwardAPIVolumeSource: Fields of the pod as files.
  items []DownwardAPIVolumeFile: The files.
  defaultMode *int32: Permission bits of the files. Defaults to 0644.

DownwardAPIVolumeFile: A field of the pod and the file it becomes.
  path! string: Relative path of the file; no "..".
  fieldRef *ObjectFieldSelector: The field.
  resourceFieldRef *ResourceFieldSelector: A resource of a container.
  mode *int32: Permission bits of the file; the volume's default when absent.

ProjectedVolumeSource: Several sources in one directory.
  sources []VolumeProjection ~: The sources.
  defaultMode *int32: Permission bits of the files. Defaults to 0644.

VolumeProjection: One source of a projected volume: exactly one.
  secret *SecretProjection: Keys of a Secret.
  downwardAPI *DownwardAPIProjection: Fields of the pod.
  configMap *ConfigMapProjection: Keys of a ConfigMap.
  serviceAccountToken *ServiceAccountTokenProjection: A token of the pod's ServiceAccount.
  clusterTrustBundle *ClusterTrustBundleProjection: Trust anchors.
  podCertificate *PodCertificateProjection: A certificate for the pod.

SecretProjection: Keys of a Secret.
  name string=: Name of the Secret.
  items []KeyToPath: Keys to show and where; all when empty.
  optional *bool: Whether the Secret or its keys may be missing.

ConfigMapProjection: Keys of a ConfigMap.
  name string=: Name of the ConfigMap.
  items []KeyToPath: Keys to show and where; all when empty.
  optional *bool: Whether the ConfigMap or its keys may be missing.

DownwardAPIProjection: Fields of the pod.
  items []DownwardAPIVolumeFile: The files.

ServiceAccountTokenProjection: A token of the pod's ServiceAccount.
  audience string: Whom the token is for; the API server when empty.
  expirationSeconds *int64: How long it is valid. Defaults to 3600, at least 600.
  path! string: Relative path of the file.

ClusterTrustBundleProjection: Trust anchors.
  name *string: Name of a bundle.
  signerName *string: Signer whose bundles are taken.
  labelSelector *LabelSelector: Selects bundles of the signer.
  optional *bool: Whether none may be found.
  path! string: Relative path of the file.

PodCertificateProjection: A certificate for the pod.
  signerName! string: Signer to ask.
  keyType! string: Kind of key.
  maxExpirationSeconds *int32: The longest it may be valid.
  credentialBundlePath string: File for key and certificate together.
  keyPath string: File for the key.
  certificateChainPath string: File for the certificate.
  userAnnotations map[string]: Said to the signer as it is.

NFSVolumeSource: An NFS mount.
  server! string: Host name or address of the server.
  path! string: What it exports.
  readOnly bool: Mounts read-only.

CSIVolumeSource: A volume of a CSI driver.
  driver! string: Name of the driver.
  readOnly *bool: Mounts read-only.
  fsType *string: File system to mount.
  volumeAttributes map[string]: Properties for the driver.
  nodePublishSecretRef *LocalObjectReference: Secret for the driver.

EphemeralVolumeSource: A volume made for the pod by a storage driver.
  volumeClaimTemplate *PersistentVolumeClaimTemplate: The claim that is made with the pod and goes with it.

PersistentVolumeClaimTemplate: What a claim made for a pod will be.
  metadata ObjectMeta: Labels and annotations of the claim.
  spec! PersistentVolumeClaimSpec: What is wanted of the claim.

ImageVolumeSource: The content of an OCI image.
  reference string: The image.
  pullPolicy string(Always|IfNotPresent|Never): When to pull it.
`;
