import tseslint from 'typescript-eslint';

const clockless = [
  { object: 'Date', property: 'now', message: 'Take a Clock part.' },
  { object: 'Math', property: 'random', message: 'Take randomness as a part.' },
];

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/gen/**',
      '.cache/**',
      '.skerry/**',
      'test/conformance/replay.mjs',
      'test/golden/golden.mjs',
    ],
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      'no-restricted-properties': ['error', ...clockless],
      'no-restricted-globals': [
        'error',
        { name: 'setTimeout', message: 'Take a Clock part: clock.sleep(ms, signal).' },
        { name: 'setInterval', message: 'Take a Clock part: clock.sleep(ms, signal).' },
      ],
      complexity: ['error', 10],
      'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true }],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['packages/shared/**/*.ts', 'examples/**/*.ts'],
    rules: { 'no-restricted-properties': 'off', 'no-restricted-globals': 'off' },
  },
  {
    files: ['**/*.test.ts', 'test/**/*.ts', 'bench/**/*.ts', '**/testing/**/*.ts'],
    rules: {
      complexity: 'off',
      'max-lines': 'off',
      'max-lines-per-function': 'off',
      'no-restricted-properties': 'off',
      'no-restricted-globals': 'off',
      'no-console': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
);
