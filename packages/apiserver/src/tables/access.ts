import { listAt, textAt, type Json } from '../json.ts';
import { ageColumn, ageOf, cell, columnsOf, nameColumn, nameOf, type Printer } from './printer.ts';

const group = 'rbac.authorization.k8s.io';

export const roleBindingPrinter: Printer = bindingPrinter('RoleBinding', 'roleBinding');
export const clusterRoleBindingPrinter: Printer = bindingPrinter(
  'ClusterRoleBinding',
  'clusterRoleBinding',
);

function bindingPrinter(kind: string, word: string): Printer {
  return {
    columns: columnsOf(group, kind, [
      nameColumn,
      { name: 'Role', of: 'roleRef' },
      ageColumn,
      { name: 'Users', description: `Users in the ${word}`, wide: true },
      { name: 'Groups', description: `Groups in the ${word}`, wide: true },
      { name: 'ServiceAccounts', description: `ServiceAccounts in the ${word}`, wide: true },
    ]),
    cells: (binding, now) => [
      nameOf(binding),
      `${cell(binding, 'roleRef.kind')}/${cell(binding, 'roleRef.name')}`,
      ageOf(binding, now),
      subjects(binding, 'User'),
      subjects(binding, 'Group'),
      subjects(binding, 'ServiceAccount'),
    ],
  };
}

function subjects(binding: Json, kind: string): string {
  return listAt(binding, 'subjects')
    .filter((subject) => textAt(subject, 'kind') === kind)
    .map((subject) => {
      const name = cell(subject, 'name');
      return kind === 'ServiceAccount' ? `${cell(subject, 'namespace')}/${name}` : name;
    })
    .join(', ');
}
