import { alertName } from '@skerry/shared/alarms/alert';
import { keyParts } from '@skerry/shared/names';
import { field, text } from '../kube/json-read.ts';
import { AlertObjects, type AlertObjectsParts } from './alert-objects.ts';
import { isFields } from './merge-diff.ts';
import { forbidden, malformed, type ReportWriter } from './report-writer.ts';

const said = ['state', 'startsAt', 'endsAt', 'value', 'message', 'silencedBy', 'ruleGeneration'];

/**
 * Writes the Alerts that a node has found: `{spec: {rule, instance, severity, labels}, status, gone?}`. The
 * name of an Alert follows from its rule, its instance and the node that the certificate proves, so that a
 * node speaks of its own alerts only (G8). One that is `gone` is deleted.
 */
export function alertWriter(parts: AlertObjectsParts): ReportWriter {
  const objects = new AlertObjects(parts);
  return async ({ node, key, payload }, signal) => {
    const spec = field(payload, 'spec');
    const status = field(payload, 'status');
    const rule = text(field(spec, 'rule'));
    const instance = field(spec, 'instance');
    if (!isFields(spec) || rule === undefined || typeof instance !== 'string')
      return malformed(key, 'needs a spec with rule and instance');
    if (keyParts(key).name !== alertName(node, { rule, instance })) return forbidden(node, key);
    if (field(payload, 'gone') === true) return objects.remove(key, node, signal);
    if (!isFields(status)) return malformed(key, 'needs a status');
    const { severity, labels } = spec;
    const told = said.filter((name) => status[name] !== undefined);
    return objects.put(
      {
        ...{ key, node, source: 'edge', spec: { rule, instance, severity, labels } },
        status: Object.fromEntries(told.map((name) => [name, status[name]])),
      },
      signal,
    );
  };
}
