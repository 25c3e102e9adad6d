import { modelFields } from '@skerry/shared/testing/kubernetes-models';

/** One field of an object of the API. */
export interface ApiField {
  readonly name: string;
  /** In the words of the models: `string`, `Array<V1Container>`, `{ [key: string]: string; }`. */
  readonly type: string;
}

/** An object of the API. */
export interface ApiType {
  /** As in the reference, for example `PodSpec`. */
  readonly name: string;
  readonly fields: readonly ApiField[];
}

/** A field below a pod's spec, and those that lead to it. */
export type ApiPath = readonly (ApiField & {
  /** Of what it holds; undefined for texts, numbers and maps. */
  readonly object?: ApiType | undefined;
})[];

async function readType(model: string): Promise<ApiType> {
  const fields = (await modelFields(model)) ?? [];
  return {
    name: model.replace(/^(Core)?V1/, ''),
    fields: fields.map(({ name, type }) => ({ name, type })),
  };
}

/** An object of a pod's spec, the spec itself included, where it is met first. */
export interface ApiPlace {
  readonly type: ApiType;
  readonly path: ApiPath;
  /** Its fields, as paths from the spec on. */
  readonly fields: readonly ApiPath[];
}

/** Every kind of object below a pod's spec, as far as `goesInto` a field that holds one. */
export async function podPlaces(goesInto: (path: ApiPath) => boolean): Promise<ApiPlace[]> {
  const seen = new Set<string>();
  const visit = async (type: ApiType, path: ApiPath): Promise<ApiPlace[]> => {
    seen.add(type.name);
    const fields = await Promise.all(
      type.fields.map(async (field) => {
        const model = /\b(?:Core)?V1\w+/.exec(field.type)?.[0];
        return [...path, { ...field, object: model && (await readType(model)) }] as ApiPath;
      }),
    );
    const places: ApiPlace[] = [{ type, path, fields }];
    for (const field of fields) {
      const object = field.at(-1)?.object;
      if (object && !seen.has(object.name) && goesInto(field))
        places.push(...(await visit(object, field)));
    }
    return places;
  };
  return visit(await readType('V1PodSpec'), []);
}

/** A spec that asks for a field and nothing else, with what the objects on the way cannot be without. */
export function specWith(
  path: ApiPath,
  value: unknown = wishOf(path),
): Readonly<Record<string, unknown>> {
  const spec = path.reduceRight((inner: unknown, field, at) => {
    const isLast = at === path.length - 1;
    if (isLast) return { [field.name]: inner };
    const object = { ...needed(field), ...(inner as object) };
    return { [field.name]: isList(field) ? [object] : object };
  }, value);
  return { containers: [main], ...(spec as object) };
}

const main = { name: 'main', image: 'busybox:1' };

function needed({ name, object }: ApiPath[number]): object {
  if (name === 'containers') return main;
  return object?.fields.some((field) => field.name === 'name') ? { name: 'main' } : {};
}

function isList({ type }: ApiField): boolean {
  return type.startsWith('Array<');
}

/** What asks for something, whatever the field is. */
function wishOf(path: ApiPath): unknown {
  const field = path.at(-1);
  if (!field) return {};
  const one = valueOf(field);
  return isList(field) ? [one] : one;
}

function valueOf(field: ApiPath[number]): unknown {
  if (field.object) return { ...needed(field), unheardOf: 'x' };
  if (field.type.startsWith('{')) return { unheardOf: '1' };
  const values: Readonly<Record<string, unknown>> = { number: 7, boolean: true, ...particular };
  return values[field.name] ?? values[field.type] ?? 'x';
}

/** Fields for which not every value asks for something, or for something that there is. */
const particular = { hostUsers: false, medium: 'Memory' };

/** As a condition names it: `spec.containers{main}.env{main}.value`. */
export function textOf(path: ApiPath): string {
  return ['spec', ...path.map((field, at) => part(field, at === path.length - 1))].join('.');
}

function part(field: ApiPath[number], isLast: boolean): string {
  if (isLast || !isList(field)) return field.name;
  return `${field.name}{${'name' in needed(field) ? 'main' : '0'}}`;
}
