import { choice, integer, section, text, texts, type Section } from '@skerry/shared/config-fields';
import { parseQuantity } from '@skerry/shared/kube/quantity';

/** What is kept from pods, as quantities. */
export interface ReservedConfig {
  readonly cpu: string;
  readonly memory: string;
  readonly ephemeralStorage: string;
}

/** When the node is under pressure: less than so much is left, as a quantity or a share in percent. */
export interface EvictionConfig {
  readonly memoryAvailable: string;
  readonly nodefsAvailable: string;
  readonly nodefsInodesFree: string;
  readonly pidAvailable: string;
  readonly transitionSeconds: number;
}

export interface ImageCollectionConfig {
  readonly images: 'ours' | 'all' | 'none';
  readonly highPercent: number;
  readonly lowPercent: number;
  readonly minimumAgeSeconds: number;
}

/** What the node offers to pods; meaning, unit and default of each field stand in `nodeSection`. */
export interface NodeConfig {
  readonly maxPods: number;
  readonly kubeReserved: ReservedConfig;
  readonly systemReserved: ReservedConfig;
  readonly eviction: EvictionConfig;
  readonly collection: ImageCollectionConfig;
  readonly devices: readonly string[];
  readonly discover: 'yes' | 'no';
}

/** An amount or a share of a total. */
const thresholdForm = /^\d+(\.\d+)?(%|[kMGTPE]|[KMGTPE]i)?$/;
/** `NAME=COUNT`, or one piece: `NAME=/dev/A+/dev/B`. */
const deviceForm =
  /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?\/[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?=(\d{1,6}|\/dev\/[^+,]+(\+\/dev\/[^+,]+)*)$/;

const isQuantity = (value: string): boolean => {
  const quantity = parseQuantity(value);
  return quantity !== undefined && quantity.nanos >= 0n;
};

function reserved(doc: string): Section<ReservedConfig> {
  const amount = (what: string): ReturnType<typeof text> =>
    text({ doc: what, default: '0' }, { expects: 'a quantity', is: isQuantity });
  return section(doc, {
    cpu: amount('Cores, for example 250m.'),
    memory: amount('Bytes, for example 256Mi.'),
    ephemeralStorage: amount('Bytes of the disk that holds dataDir.'),
  });
}

function threshold(doc: string, fallback: string): ReturnType<typeof text> {
  return text(
    { doc, default: fallback },
    {
      expects: 'a quantity such as 100Mi or a share such as 10%',
      is: (value) => thresholdForm.test(value),
    },
  );
}

export const nodeSection: Section<NodeConfig> = section('What the node offers to pods.', {
  maxPods: integer(
    { min: 1, max: 10_000, unit: 'pods' },
    { doc: 'Pods that it takes at most.', default: 110 },
  ),
  kubeReserved: reserved('Kept from pods for this agent and the container engine.'),
  systemReserved: reserved('Kept from pods for everything else on the machine.'),
  eviction: section('When less than this is left, pods are evicted, and no others taken.', {
    memoryAvailable: threshold('Memory, of the machine.', '100Mi'),
    nodefsAvailable: threshold('Bytes of the disk that holds dataDir.', '10%'),
    nodefsInodesFree: threshold('Inodes of that disk.', '5%'),
    pidAvailable: threshold('Processes and threads that the kernel would still take.', '10%'),
    transitionSeconds: integer(
      { min: 0, max: 86_400, unit: 'seconds' },
      {
        doc: 'A pressure is reported for so long after it was last seen, so that it does not flap.',
        default: 300,
      },
    ),
  }),
  collection: section('What is removed when the disk fills up, the longest unused first.', {
    images: choice(['ours', 'all', 'none'], {
      doc: 'Images that this agent has pulled, every image that no pod of this node needs and no container uses, or none.',
      default: 'ours',
    }),
    highPercent: integer(
      { min: 1, max: 100, unit: 'percent' },
      { doc: 'How full the disk is when collecting begins.', default: 85 },
    ),
    lowPercent: integer(
      { min: 0, max: 100, unit: 'percent' },
      { doc: 'How full it may be when collecting ends.', default: 80 },
    ),
    minimumAgeSeconds: integer(
      { min: 0, max: 31_536_000, unit: 'seconds' },
      { doc: 'An image used since is kept.', default: 120 },
    ),
  }),
  devices: texts(
    {
      doc: 'Extended resources: example.com/licence=4 counts, example.com/camera=/dev/video0+/dev/media0 is one piece and what a container gets with it.',
      default: [],
    },
    {
      expects: 'of the form vendor.com/name=COUNT or vendor.com/name=/dev/A+/dev/B',
      is: (value) => deviceForm.test(value),
    },
  ),
  discover: choice(['yes', 'no'], {
    doc: 'Look for accelerators on the PCI bus (GPU, FPGA, DPU, SmartNIC) and offer them to pods.',
    default: 'yes',
  }),
});

/** Thresholds of a node that does not own its machine: it evicts nobody, and takes pods however full it is. */
export const noEviction: Partial<EvictionConfig> = {
  memoryAvailable: '0',
  nodefsAvailable: '0',
  nodefsInodesFree: '0',
  pidAvailable: '0',
};
