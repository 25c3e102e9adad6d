import {
  configApiVersion,
  environmentName,
  type AnyField,
  type AnySchema,
  type ConfigKind,
} from './config.ts';
import { printYaml } from './yaml.ts';

/**
 * `config` as a file that reads back as the same, every field with its meaning, its bounds and its name
 * in the environment. Fields without a value are commented out; secrets are never printed.
 */
export function printConfig<T>(kind: ConfigKind<T>, config: T): string {
  const head = `apiVersion: ${configApiVersion}\nkind: ${kind.kind}\n`;
  return `${head}${printSchema(kind.fields, config as Values, [])}`;
}

type Values = Readonly<Record<string, unknown>>;

function printSchema(schema: AnySchema, values: Values, path: readonly string[]): string {
  const entries = Object.entries(schema).map(([name, node]) => {
    const inner = [...path, name];
    if (node.type === 'field') return printField(name, node, values[name], inner);
    const body = printSchema(node.fields, values[name] as Values, inner);
    return `\n# ${node.doc}\n${name}:\n${body}`;
  });
  return entries
    .join('')
    .split('\n')
    .map((line) => (line === '' || path.length === 0 ? line : `  ${line}`))
    .join('\n');
}

function printField(
  name: string,
  field: AnyField,
  value: unknown,
  path: readonly string[],
): string {
  const note = field.required ? '; required' : '';
  const doc = `# ${field.doc}\n# ${environmentName(path)}: ${field.expects}${note}\n`;
  if (value === undefined) return `${doc}# ${name}:\n`;
  return field.secret ? `${doc}# ${name}: …\n` : `${doc}${printYaml({ [name]: value })}`;
}
