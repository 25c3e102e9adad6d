/**
 * What Kubernetes asks of names, keys and values. Each rule takes a string and answers with what is
 * wrong with it, in the words of the reference server; nothing wrong is an empty list.
 *
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
 */
export type NameRule = (value: string) => string[];

/** A form as the reference server names it, and the same as a test that takes linear time. */
interface Form {
  readonly source: string;
  readonly fits: (value: string) => boolean;
}

const label: Form = {
  source: '[a-z0-9]([-a-z0-9]*[a-z0-9])?',
  fits: (value) => /^[-a-z0-9]+$/.test(value) && !/^-|-$/.test(value),
};
const subdomain: Form = {
  source: String.raw`[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*`,
  fits: (value) => value.split('.').every(label.fits),
};
const label1035: Form = {
  source: '[a-z]([-a-z0-9]*[a-z0-9])?',
  fits: (value) => /^[a-z]/.test(value) && label.fits(value),
};
const qualified: Form = {
  source: '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]',
  fits: (value) => /^[-\w.]+$/.test(value) && !/^[-_.]|[-_.]$/.test(value),
};
const labelValue: Form = {
  source: '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?',
  fits: (value) => value === '' || qualified.fits(value),
};
const configKey: Form = {
  source: '[-._a-zA-Z0-9]+',
  fits: (value) => /^[-\w.]+$/.test(value),
};

/** Names of most objects: RFC 1123 subdomains. */
export const dnsSubdomain: NameRule = (value) => [
  ...tooLong(value, 253),
  ...mismatch(
    value,
    subdomain,
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
    ['example.com'],
  ),
];

/** Names of namespaces, containers and volumes: RFC 1123 labels. */
export const dnsLabel: NameRule = (value) => [
  ...tooLong(value, 63),
  ...mismatch(
    value,
    label,
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
    ['my-name', '123-abc'],
  ),
];

/** Names of services and kinds: RFC 1035 labels. */
export const dns1035Label: NameRule = (value) => [
  ...tooLong(value, 63),
  ...mismatch(
    value,
    label1035,
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
    ['my-name', 'abc-123'],
  ),
];

/** Names that become part of a path and nothing else: roles. */
export const pathSegment: NameRule = (value) => {
  if (value === '.' || value === '..') return [`may not be '${value}'`];
  return ['/', '%']
    .filter((taboo) => value.includes(taboo))
    .map((taboo) => `may not contain '${taboo}'`);
};

const qualifiedAdvice =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const qualifiedExamples = ['MyName', 'my.name', '123-abc'];

/** Keys of labels, finalizers and resources: a name, with or without a domain in front. */
export const qualifiedName: NameRule = (value) => {
  const parts = value.split('/');
  const [name = '', prefix] = parts.toReversed();
  if (parts.length > 2)
    return [
      `${advice(qualified, `a qualified name ${qualifiedAdvice}`, qualifiedExamples)} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  return [...prefixPart(prefix), ...namePart(name)];
};

function prefixPart(prefix: string | undefined): string[] {
  if (prefix === undefined) return [];
  if (prefix === '') return ['prefix part must be non-empty'];
  return dnsSubdomain(prefix).map((complaint) => `prefix part ${complaint}`);
}

function namePart(name: string): string[] {
  const complaints = name === '' ? ['must be non-empty'] : tooLong(name, 63);
  return [...complaints, ...mismatch(name, qualified, qualifiedAdvice, qualifiedExamples)].map(
    (complaint) => `name part ${complaint}`,
  );
}

/** Keys of annotations: as labels, in either case. */
export const annotationKey: NameRule = (value) => qualifiedName(value.toLowerCase());

export const labelValueRule: NameRule = (value) => [
  ...tooLong(value, 63),
  ...mismatch(
    value,
    labelValue,
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
    ['MyValue', 'my_value', '12345'],
  ),
];

/** Keys of ConfigMaps and Secrets. */
export const configMapKey: NameRule = (value) => {
  const complaints = [
    ...tooLong(value, 253),
    ...mismatch(
      value,
      configKey,
      "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
      ['key.name', 'KEY_NAME', 'key-name'],
    ),
  ];
  if (value === '.' || value === '..') return [...complaints, `must not be '${value}'`];
  return value.startsWith('..') ? [...complaints, "must not start with '..'"] : complaints;
};

/** Names of environment variables: any printable ASCII but an equals sign. */
export const envVarName: NameRule = (value) => {
  if (value === '') return ['environment variable name must be non-empty'];
  return /^[ -<>-~]+$/.test(value)
    ? []
    : [
        "a valid environment variable name must consist only of printable ASCII characters other than '='",
      ];
};

/** Names of ports: RFC 6335 service names. */
export const portName: NameRule = (value) => [
  ...tooLong(value, 15),
  ...unless(
    /^[-a-z0-9]+$/.test(value),
    'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
  ),
  ...unless(/[a-z]/.test(value), 'must contain at least one letter (a-z)'),
  ...unless(!value.includes('--'), 'must not contain consecutive hyphens'),
  ...unless(!/^-|-$/.test(value), 'must not begin or end with a hyphen'),
];

/** A `generateName` obeys `rule` with something appended: a trailing dash is fine. */
export function asPrefix(rule: NameRule): NameRule {
  return (value) => rule(value.length > 1 ? value.replace(/.-$/, 'a') : value);
}

function tooLong(value: string, max: number): string[] {
  return unless(value.length <= max, `must be no more than ${max} characters`);
}

function mismatch(value: string, form: Form, text: string, examples: readonly string[]): string[] {
  return form.fits(value) ? [] : [advice(form, text, examples)];
}

// The doubled space before "or" is the reference server's.
function advice(form: Form, text: string, examples: readonly string[]): string {
  const shown = examples.map((example) => `'${example}', `).join(' or ');
  return `${text} (e.g. ${shown}regex used for validation is '${form.source}')`;
}

function unless(holds: boolean, complaint: string): string[] {
  return holds ? [] : [complaint];
}
