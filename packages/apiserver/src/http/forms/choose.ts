import type { Clock } from '@skerry/shared/clock';
import { badRequest } from '../../refusals.ts';
import type { Call } from '../../rest/call.ts';
import { chooseForm, type Wanted } from '../accept.ts';
import type { Form } from './form.ts';
import { MetadataForm } from './metadata.ts';
import { PlainForm } from './plain.ts';
import { TableForm } from './table.ts';

/** The form that a client asked for; NotAcceptable when it accepts none of ours. */
export function formFor(call: Call, accept: string, clock: Clock): Form {
  const { as } = chooseForm(accept, isKnown);
  switch (as) {
    case undefined:
      return new PlainForm(call.resource);
    case 'Table':
      return new TableForm(call.resource, clock, includeObject(call.query));
    default:
      return new MetadataForm();
  }
}

const transformed: readonly string[] = [
  'Table',
  'PartialObjectMetadata',
  'PartialObjectMetadataList',
];

function isKnown({ as, group, version }: Wanted): boolean {
  if (as === undefined) return true;
  return transformed.includes(as) && group === 'meta.k8s.io' && version === 'v1';
}

function includeObject(query: URLSearchParams): 'None' | 'Metadata' | 'Object' {
  const include = query.get('includeObject') ?? '';
  if (include === '') return 'Metadata';
  if (include === 'None' || include === 'Metadata' || include === 'Object') return include;
  throw badRequest(`unrecognized includeObject value: "${include}"`);
}
