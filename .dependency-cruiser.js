/** The arrows of docs/ARCHITECTURE.md, enforced. Each rule says why it is there. */
const door = (vendor, file, why) => ({
  name: `one-door-${vendor.replace(/[^a-z0-9]+/gi, '-').replace(/^-/, '')}`,
  comment: why,
  severity: 'error',
  from: { path: '^(packages|examples)/', pathNot: [file, '\\.test\\.ts$', '/testing/'] },
  to: { path: `node_modules/${vendor}/` },
});

const mayImport = (from, allowed) => ({
  name: `${from}-imports-only-${allowed.join('-') || 'nothing-of-ours'}`,
  comment: 'Dependencies point one way; only the command composes both daemons.',
  severity: 'error',
  from: { path: `^packages/${from}/` },
  to: { path: '^packages/', pathNot: [from, ...allowed].map((name) => `^packages/${name}/`) },
});

export default {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'A cycle means two files are one idea, or an arrow points the wrong way.',
      severity: 'error',
      from: {},
      to: { circular: true, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-junk-drawers',
      comment: 'A name like these says nothing about what belongs inside.',
      severity: 'error',
      from: {},
      to: { path: '^packages/.*/(utils?|helpers?|common|misc)(/|\\.ts$)' },
    },
    {
      name: 'nothing-unresolvable',
      comment: 'Every import must lead somewhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'tests-stay-outside',
      comment: 'Product code never imports a test, a bench or a testing part.',
      severity: 'error',
      from: { path: '^packages/', pathNot: ['\\.test\\.ts$', '/testing/'] },
      to: {
        path: [
          '^test/',
          '^bench/',
          '\\.test\\.ts$',
          '/testing/',
          'node_modules/(vitest|fast-check)/',
        ],
      },
    },
    mayImport('proto', []),
    mayImport('shared', []),
    mayImport('apiserver', ['shared']),
    mayImport('cloudhub', ['shared', 'proto', 'apiserver']),
    mayImport('edgecore', ['shared', 'proto', 'apiserver']),
    mayImport('cli', ['shared', 'apiserver', 'cloudhub', 'edgecore']),
    door(
      'protobufjs',
      '^packages/proto/(src/codec\\.ts|gen/)',
      'Only the codec knows the wire format.',
    ),
    door('ws', '^packages/shared/src/socket\\.ts$', 'Frames and limits are set in one place.'),
    door(
      'level',
      '^packages/shared/src/level-directory\\.ts$',
      'Durability is decided in one place.',
    ),
    door('croner', '^packages/shared/src/cron-schedule\\.ts$', 'One reading of a schedule.'),
    door('pino', '^packages/shared/src/log\\.ts$', 'One log format.'),
    door('yaml', '^packages/shared/src/yaml\\.ts$', 'Line numbers in errors come from one parser.'),
    door(
      'commander',
      '^packages/shared/src/command-line\\.ts$',
      'One style of help and usage errors.',
    ),
    door(
      'prom-client',
      '^packages/shared/src/metrics\\.ts$',
      'One registry a process, no globals.',
    ),
    door(
      '@opentelemetry',
      '^packages/shared/src/tracing/(open|otlp)-tracing\\.ts$',
      'Traces leave in one place.',
    ),
    {
      name: 'tracing-is-loaded-when-asked-for',
      comment: '5 MB and 0.2 s of a core that only who traces should pay.',
      severity: 'error',
      from: { path: '^packages/', pathNot: ['otlp-tracing\\.ts$', '\\.test\\.ts$'] },
      to: {
        path: 'node_modules/@opentelemetry/|packages/shared/src/tracing/otlp-tracing\\.ts$',
        dynamic: false,
      },
    },
    door('@peculiar/x509', '^packages/shared/src/pki\\.ts$', 'Certificates are made in one place.'),
    door(
      '@marcbachmann/cel-js',
      '^packages/apiserver/src/schema/rule-language\\.ts$',
      'Expressions of users are compiled and run in one place.',
    ),
    door(
      'jose',
      '^packages/apiserver/src/auth/token-signer\\.ts$',
      'Tokens are signed and believed in one place.',
    ),
    door(
      '@kubernetes/client-node',
      '^packages/cloudhub/src/kube/kubeconfig\\.ts$',
      '70 MB: never on the edge.',
    ),
    door(
      'dockerode',
      '^packages/edgecore/src/runtime/docker/engine\\.ts$',
      'Pulls ssh2 and gRPC: loaded only where used.',
    ),
    door(
      'mqtt',
      '^packages/edgecore/src/devices/mqtt-bus\\.ts$|^examples/',
      'One MQTT client, its limits set in one place.',
    ),
    door(
      'aedes',
      '^packages/edgecore/src/devices/broker\\.ts$',
      'The broker is a part like any other.',
    ),
  ],
  options: {
    doNotFollow: { path: ['node_modules', '/gen/'] },
    exclude: { path: ['^packages/[^/]+/dist/'] }, // not those of vendors: rules are about them
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.d.ts'],
    },
    tsConfig: { fileName: 'tsconfig.base.json' },
  },
};
