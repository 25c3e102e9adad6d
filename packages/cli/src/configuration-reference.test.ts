import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cloudHubConfig } from '@skerry/cloudhub/config';
import { edgeCoreConfig } from '@skerry/edgecore/config';
import { printConfig } from '@skerry/shared/config-print';
import { readConfig, type ConfigKind } from '@skerry/shared/config';

const file = join(import.meta.dirname, '..', '..', '..', 'docs', 'CONFIGURATION.md');

function defaults<T>(kind: ConfigKind<T>, environment: Record<string, string> = {}): string {
  return `\`\`\`yaml\n${printConfig(kind, readConfig(kind, { environment }))}\`\`\`\n`;
}

/** Written anew by \`npx vitest run --project unit packages/cli --update\`. */
it('docs/CONFIGURATION.md says what every setting is', async () => {
  const text = `# Configuration

One YAML file per daemon, \`/etc/skerry/cloudhub.yaml\` and \`/etc/skerry/edgecore.yaml\`, or the one given
with \`--config\`. Each field is shown here with its meaning, its name in the environment, what it may be,
and its default. The environment wins over the file, and a flag over both. Fields that have no default are
commented out. \`cloudhub --print-config\` and \`edgecore --print-config\` print what is in effect on a
machine, in this form.

## cloudhub

${defaults(cloudHubConfig)}
## edgecore

${defaults(edgeCoreConfig, { SKERRY_HUB_URL: 'wss://hub.example:10000' })}`;
  await expect(text).toMatchFileSnapshot(file);
});
