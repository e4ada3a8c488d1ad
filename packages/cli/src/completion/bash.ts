// Completion for bash: one function, which first finds out in which command the cursor is, and then offers what fits
// there. It needs nothing but bash itself, 3.2 or later.

import type { CommandModel, Value } from "./model.ts";

interface Place {
  /** The names of the commands before, with ":" between. */
  readonly path: string;
  readonly command: CommandModel;
}

export function bashCompletion(program: CommandModel): string {
  const places = placesIn(program, program.name);
  const moves = places.flatMap(({ path, command }) =>
    command.commands.map(({ name }) => `      ${path}:${name}) path=${path}:${name} ;;`),
  );
  const withValue = places.flatMap(({ path, command }) =>
    command.options.flatMap(({ flags, value }) =>
      value === undefined ? [] : [{ flags: flags.map((flag) => `${path}:${flag}`), value }],
    ),
  );
  const known = withValue.filter(({ value }) => value.kind !== "other");
  return `# Completion of ${program.name} for bash: source <(${program.name} completion bash)
_${program.name}() {
  local IFS=$'\\n' current=\${COMP_WORDS[COMP_CWORD]} path=${program.name} option= i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    if [[ $option ]]; then
      option=
      continue
    fi
    case $path:\${COMP_WORDS[i]} in
${moves.join("\n")}
      ${withValue.flatMap(({ flags }) => flags).join(" | ")}) option=\${COMP_WORDS[i]} ;;
    esac
  done
  if [[ $option ]]; then
    case $path:$option in
${known.map(({ flags, value }) => `      ${flags.join(" | ")}) ${offer(value)} ;;`).join("\n")}
    esac
  elif [[ $current == -* ]]; then
    case $path in
${places.map(({ path, command }) => `      ${path}) ${words(command.options.flatMap(({ flags }) => flags))} ;;`).join("\n")}
    esac
  else
    case $path in
${places.map(({ path, command }) => `      ${path}) ${offerArguments(command)} ;;`).join("\n")}
    esac
  fi
}
_${program.name}_files() {
  type compopt &> /dev/null && compopt -o filenames
  COMPREPLY=($(compgen -f -- "$1"))
}
complete -F _${program.name} ${program.name}
`.replaceAll(filesMark, `_${program.name}_files "$current"`);
}

const filesMark = "@files@";

function placesIn(command: CommandModel, path: string): Place[] {
  const below = command.commands.flatMap((one) => placesIn(one, `${path}:${one.name}`));
  return [{ path, command }, ...below];
}

function words(all: readonly string[]): string {
  return `COMPREPLY=($(compgen -W $'${all.join("\\n")}' -- "$current"))`;
}

function offer(value: Value): string {
  if (value.kind === "choice") return words(value.choices);
  return value.kind === "file" ? filesMark : ":";
}

function offerArguments({ commands, arguments: values }: CommandModel): string {
  if (commands.length > 0) return words(commands.map(({ name }) => name));
  return offer(values.find(({ kind }) => kind !== "other") ?? { kind: "other" });
}
