import type { Command, Program } from '@skerry/shared/command-line';

export type Shell = 'bash' | 'zsh';

/** A script that completes the program's commands, their flags, and words they choose from. */
export function completionScript(program: Program, shell: Shell): string {
  return shell === 'bash' ? bash(program) : zsh(program);
}

function bash({ name, commands }: Program): string {
  const cases = commands.map((command) => {
    const words = [...(command.word?.choices ?? []), ...flagsOf(command)].join(' ');
    return `    ${command.name}) words='${words}' ;;`;
  });
  return `# bash completion for ${name}
_${name}() {
  local words='${commands.map((command) => command.name).join(' ')} --help --version'
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
  ((COMP_CWORD > 1)) || words='${commands.map((command) => command.name).join(' ')} --help --version'
  if [[ "\${COMP_WORDS[COMP_CWORD - 1]}" == --*-dir ]]; then
    mapfile -t COMPREPLY < <(compgen -d -- "\${COMP_WORDS[COMP_CWORD]}")
  else
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}")
  fi
}
complete -F _${name} ${name}
`;
}

function zsh({ name, commands }: Program): string {
  const described = commands.map((command) => `    '${command.name}:${quoted(command.summary)}'`);
  const cases = commands.map((command) => {
    const options = (command.options ?? []).map(({ flags, doc, choices }) => {
      const value = /<.*>/.exec(flags)?.[0];
      const argument =
        value === undefined ? '' : `:${value.slice(1, -1)}:${values(value, choices)}`;
      return `'${longFlag(flags)}[${quoted(doc)}]${argument}'`;
    });
    const word = command.word
      ? [`'1:${command.word.name}:(${command.word.choices.join(' ')})'`]
      : [];
    const all = [...options, `'--help[print help]'`, ...word].join(' \\\n        ');
    return `    ${command.name})\n      _arguments \\\n        ${all} ;;`;
  });
  return `#compdef ${name}
# zsh completion for ${name}
_${name}() {
  local -a commands=(
${described.join('\n')}
  )
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  ((CURRENT--))
  case $command in
${cases.join('\n')}
  esac
}
if [ "$funcstack[1]" = "_${name}" ]; then _${name} "$@"; else compdef _${name} ${name}; fi
`;
}

function values(value: string, choices: readonly string[] | undefined): string {
  if (choices) return `(${choices.join(' ')})`;
  return value === '<directory>' ? '_files -/' : '';
}

function flagsOf({ options = [] }: Command): string[] {
  return [...options.map(({ flags }) => longFlag(flags)), '--help'];
}

/** `--output` of `-o, --output <format>`. */
function longFlag(flags: string): string {
  return /--[a-z-]+/.exec(flags)?.[0] ?? '';
}

/** For a single-quoted word that zsh reads brackets and colons in. */
function quoted(text: string): string {
  return text.replaceAll(/[[\]:]/g, '\\$&').replaceAll("'", "'\\''");
}
