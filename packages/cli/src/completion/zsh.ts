// Completion for zsh: a function for each command, which tells `_arguments` what there is, with descriptions.

import type { CommandModel, OptionModel, Value } from "./model.ts";

export function zshCompletion(program: CommandModel): string {
  const main = `_${program.name}`;
  return `#compdef ${program.name}
# Completion of ${program.name} for zsh: source <(${program.name} completion zsh)
${functionsOf(program, main).join("\n")}
if [[ $funcstack[1] == ${main} ]]; then
  ${main} "$@"
else
  compdef ${main} ${program.name}
fi
`;
}

/** The function of a command, behind those of the commands in it. */
function functionsOf(command: CommandModel, name: string): string[] {
  const { commands, options } = command;
  const nameOf = (one: CommandModel): string => `${name}_${one.name}`;
  const below = commands.flatMap((one) => functionsOf(one, nameOf(one)));
  if (commands.length === 0) {
    // A message about what can't be guessed would keep zsh from inserting an option.
    const values = command.arguments.filter(({ kind }) => kind !== "other");
    const specs = [...options.map(optionSpec), ...values.map((value) => `'*: :${action(value)}'`)];
    return [`${name}() {\n  _arguments -S ${specs.join(" \\\n    ")}\n}`];
  }
  const specs = [...options.map(optionSpec), "'1: :->command'", "'*:: :->rest'"];
  const list = commands.map((one) => `'${escaped(`${one.name}:${plain(one.description)}`)}'`);
  const cases = commands.map((one) => `    ${one.name}) ${nameOf(one)} ;;`);
  return [
    ...below,
    `${name}() {
  local curcontext=$curcontext state line
  typeset -A opt_args
  _arguments -C -S ${specs.join(" \\\n    ")}
  case $state in
  command)
    local -a commands=(
      ${list.join("\n      ")}
    )
    _describe command commands
    ;;
  rest)
    case $line[1] in
${cases.join("\n")}
    esac
    ;;
  esac
}`,
  ];
}

function optionSpec({ flags, description, isRepeatable, value }: OptionModel): string {
  const names = flags.length === 1 ? flags[0] : `{${flags.join(",")}}`;
  const exclusive = isRepeatable ? "'*'" : flags.length === 1 ? "" : `'(${flags.join(" ")})'`;
  const argument = value === undefined ? "" : `: :${action(value)}`;
  return `${exclusive}${names}'[${escaped(description.replaceAll(/[[\]:]/g, "\\$&"))}]${argument}'`;
}

function action(value: Value): string {
  if (value.kind === "choice") return `(${value.choices.join(" ")})`;
  return value.kind === "file" ? "_files" : "";
}

/** For single quotes. */
function escaped(text: string): string {
  return text.replaceAll("'", "'\\''");
}

/** Without what divides name and description. */
function plain(description: string): string {
  return description.replaceAll(":", " ");
}
