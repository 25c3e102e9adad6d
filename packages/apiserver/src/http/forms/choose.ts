import type { Call } from '../../rest/call.ts';
import { chooseForm, type Wanted } from '../accept.ts';
import type { Form } from './form.ts';
import { MetadataForm } from './metadata.ts';
import { PlainForm } from './plain.ts';

const metadataForms: readonly string[] = ['PartialObjectMetadata', 'PartialObjectMetadataList'];

/** The form that a client asked for; NotAcceptable when it accepts none of ours. */
export function formFor(call: Call, accept: string): Form {
  const { as } = chooseForm(accept, isKnown);
  return as === undefined ? new PlainForm(call.resource) : new MetadataForm();
}

function isKnown({ as, group, version }: Wanted): boolean {
  if (as === undefined) return true;
  return metadataForms.includes(as) && group === 'meta.k8s.io' && version === 'v1';
}
