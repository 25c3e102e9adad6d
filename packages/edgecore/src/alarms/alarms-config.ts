import { choice, integer, section, text, url, type Section } from '@skerry/shared/config-fields';

/** How this node raises alarms. */
export interface AlarmsConfig {
  readonly periodSeconds: number;
  readonly shipped: 'on' | 'off';
  readonly webhook?: string | undefined;
  readonly mqttTopic?: string | undefined;
}

export const alarmsSection: Section<AlarmsConfig> = section(
  'When somebody is to be told, and whom.',
  {
    periodSeconds: integer(
      { min: 1, max: 3_600, unit: 'seconds' },
      { doc: 'Time between two looks at what rules are about.', default: 5 },
    ),
    shipped: choice(['on', 'off'], {
      doc: 'Whether the rules that ship with the agent are on. An AlertRule of the name of one replaces it.',
      default: 'on',
    }),
    webhook: url(['http', 'https'], {
      doc: 'Who is told by rules that name nobody: what Alertmanager would send is posted here.',
      optional: true,
    }),
    mqttTopic: text({
      doc: 'Where rules that name nobody are told at the broker of this node; {node} is its name.',
      optional: true,
    }),
  },
);
