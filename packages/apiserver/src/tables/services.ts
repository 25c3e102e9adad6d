import { authority } from '@skerry/shared/authority';
import { listAt, valueAt, type Json } from '../json.ts';
import {
  ageColumn,
  ageOf,
  cell,
  columnsOf,
  count,
  labelsCell,
  nameColumn,
  nameOf,
  text,
  type Printer,
} from './printer.ts';

export const servicePrinter: Printer = {
  columns: columnsOf('', 'Service', [
    nameColumn,
    { name: 'Type', of: 'spec.type' },
    { name: 'Cluster-IP', of: 'spec.clusterIP' },
    { name: 'External-IP', of: 'spec.externalIPs' },
    { name: 'Port(s)', of: 'spec.ports' },
    ageColumn,
    { name: 'Selector', of: 'spec.selector', wide: true },
  ]),
  cells: (service, now) => [
    nameOf(service),
    cell(service, 'spec.type'),
    text(listAt(service, 'spec', 'clusterIPs')[0] ?? cell(service, 'spec.clusterIP', '<none>')),
    externalAddress(service),
    ports(service),
    ageOf(service, now),
    labelsCell(valueAt(service, 'spec', 'selector')),
  ],
};

function externalAddress(service: Json): string {
  const addresses = listAt(service, 'spec', 'externalIPs').map(text).join(',');
  switch (cell(service, 'spec.type')) {
    case 'ClusterIP':
    case 'NodePort':
      return addresses === '' ? '<none>' : addresses;
    case 'LoadBalancer':
      return [balancers(service), addresses].filter((text) => text !== '').join(',') || '<pending>';
    case 'ExternalName':
      return cell(service, 'spec.externalName');
    default:
      return '<unknown>';
  }
}

function balancers(service: Json): string {
  const ingress = listAt(service, 'status', 'loadBalancer', 'ingress');
  const names = ingress.map((one) => cell(one, 'ip') || cell(one, 'hostname'));
  return [...new Set(names)].filter(Boolean).sort().join(',');
}

function ports(service: Json): string {
  const texts = listAt(service, 'spec', 'ports').map((port) => {
    const nodePort = count(port, 'nodePort');
    const number = count(port, 'port');
    return `${nodePort > 0 ? `${number}:${nodePort}` : number}/${cell(port, 'protocol')}`;
  });
  return texts.length === 0 ? '<none>' : texts.join(',');
}

export const endpointsPrinter: Printer = {
  columns: columnsOf('', 'Endpoints', [
    nameColumn,
    { name: 'Endpoints', of: 'subsets' },
    ageColumn,
  ]),
  cells: (object, now) => [nameOf(object), endpoints(object), ageOf(object, now)],
};

/** How many endpoints a table shows; the others are counted. */
const shown = 3;

function endpoints(object: Json): string {
  const subsets = listAt(object, 'subsets');
  if (subsets.length === 0) return '<none>';
  const all = subsets.flatMap((subset) => {
    const addresses = listAt(subset, 'addresses').map((address) => cell(address, 'ip'));
    const numbers = listAt(subset, 'ports').map((port) => count(port, 'port'));
    if (numbers.length === 0) return addresses;
    return numbers.flatMap((port) => addresses.map((ip) => authority(ip, port)));
  });
  const list = all.slice(0, shown).join(',');
  return all.length > shown ? `${list} + ${all.length - shown} more...` : list;
}
