import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * The fields of objects as Kubernetes itself describes them, read from the models that its JavaScript
 * client has generated from the API's OpenAPI document.
 */
const directory = dirname(
  createRequire(import.meta.url).resolve('@kubernetes/client-node/dist/gen/models/V1PodSpec.js'),
);

/** One field of an object of the API. */
export interface ModelField {
  readonly name: string;
  /** In the words of the models: `string`, `Array<V1Container>`, `{ [key: string]: string; }`. */
  readonly type: string;
  /** Of a text or a number, or of the elements of a list: `int32`, `date-time`; empty when there is none. */
  readonly format: string;
  readonly isRequired: boolean;
}

/** The release of Kubernetes that the models describe, for example `1.36`. */
export async function modelsRelease(): Promise<string> {
  const text = await readFile(join(directory, 'V1PodSpec.js'), 'utf8');
  return /OpenAPI spec version: release-(\S+)/.exec(text)?.[1] ?? '';
}

interface Model {
  readonly attributeTypeMap: readonly {
    readonly name: string;
    readonly baseName: string;
    readonly type: string;
    readonly format: string;
  }[];
}

/** The fields of a model, for example of `V1PodSpec`; undefined when there is none of that name. */
export async function modelFields(model: string): Promise<readonly ModelField[] | undefined> {
  const declared = join(directory, `${model}.d.ts`);
  const types = await readFile(declared, 'utf8').catch(() => undefined);
  if (types === undefined) return undefined;
  const { href } = pathToFileURL(join(directory, `${model}.js`));
  const module = (await import(href)) as Readonly<Record<string, Model>>;
  const attributes = module[model]?.attributeTypeMap ?? [];
  return attributes.map(({ name, baseName, type, format }) => ({
    ...{ name: baseName, type, format },
    isRequired: types.includes(`\n    '${name}': `),
  }));
}
