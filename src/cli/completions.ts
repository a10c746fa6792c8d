/** Completion for shells, made from the table of commands and their options. @module */

import type { CliCommand, DescribedFlag } from "./common_flags.ts";

/** A shell that can complete. */
export type CompletedShell = "bash" | "zsh";

/** The commands by their names. */
type Commands = { readonly [name: string]: CliCommand };

/** The script that a shell is to read. */
export function completions(shell: CompletedShell, commands: Commands): string {
  return shell === "bash" ? bash(commands) : zsh(commands);
}

interface Option {
  name: string;
  flag: DescribedFlag & { values?: readonly string[] };
}

function optionsOf({ groups }: CliCommand): Option[] {
  const options = groups.flatMap(({ flags }) =>
    Object.entries(flags).flatMap(([name, flag]): Option[] => {
      const kebab = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      const negated = flag.kind === "boolean" && flag.default === true;
      return [{ name: `--${negated ? "no-" : ""}${kebab}`, flag }];
    })
  );
  return [...options, { name: "--help", flag: { kind: "boolean", brief: "Print the help" } }];
}

function bash(commands: Commands): string {
  const cases = Object.entries(commands).map(([name, command]) => {
    const options = optionsOf(command);
    const values = options.filter(({ flag }) => flag.values).map(({ name, flag }) =>
      `        ${name}) COMPREPLY=($(compgen -W "${
        flag.values!.join(" ")
      }" -- "$cur")); return ;;\n`
    );
    const choice = values.length === 0
      ? ""
      : `      case "$prev" in\n${values.join("")}      esac\n`;
    return `    ${name})\n${choice}      options="${
      options.map(({ name }) => name).join(" ")
    }" ;;\n`;
  });
  return `# Completion of decant for bash: source it, or put it where bash-completion looks.
_decant() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" options=""
  COMPREPLY=()
  if (( COMP_CWORD == 1 )); then
    COMPREPLY=($(compgen -W "${Object.keys(commands).join(" ")} --help --version" -- "$cur")
      $(compgen -f -- "$cur"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join("")}  esac
  if [[ "$cur" == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$cur"))
  else
    COMPREPLY=($(compgen -f -- "$cur"))
  fi
}
complete -o filenames -F _decant decant
`;
}

function zsh(commands: Commands): string {
  const names = Object.entries(commands).map(([name, { brief }]) =>
    `    ${quoted(`${name}:${brief.replaceAll(":", "\\:")}`)}\n`
  );
  const cases = Object.entries(commands).map(([name, command]) => {
    const options = optionsOf(command).map((option) => `        ${quoted(zshOption(option))} \\\n`);
    return `    ${name})\n      _arguments \\\n${options.join("")}        '*:file:_files' ;;\n`;
  });
  return `#compdef decant
# Completion of decant for zsh: put it into a folder of $fpath, as _decant.
_decant() {
  local -a commands=(
${names.join("")}  )
  if (( CURRENT == 2 )); then
    _describe command commands
    _files
    return
  fi
  local command=\${words[2]}
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join("")}  esac
}
compdef _decant decant
`;
}

function zshOption({ name, flag }: Option): string {
  const brief = flag.brief.replace(/[[\]:\\]/g, "\\$&");
  if (flag.kind === "boolean") return `*${name}[${brief}]`;
  const values = flag.values
    ? `(${flag.values.join(" ")})`
    : /FILE|DIR|OUT|SNAP/.test(flag.placeholder ?? "")
    ? "_files"
    : "";
  return `*${name}[${brief}]:${flag.placeholder ?? "value"}:${values}`;
}

/** A word that a shell takes as it is. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
