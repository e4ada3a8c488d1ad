// What there is to complete, read from the commander program: every command with its options and arguments, and of
// what kind their values are. Nothing is listed a second time, so nothing can be missing.

import type { Argument, Command, Option } from "commander";

/** What a value may be. */
export type Value =
  | { readonly kind: "choice"; readonly choices: readonly string[] }
  | { readonly kind: "file" }
  /** Nothing that could be guessed. */
  | { readonly kind: "other" };

export interface OptionModel {
  /** "-H" and "--header". */
  readonly flags: readonly string[];
  readonly description: string;
  readonly isRepeatable: boolean;
  /** Undefined when it takes none. */
  readonly value: Value | undefined;
}

export interface CommandModel {
  readonly name: string;
  readonly description: string;
  readonly options: readonly OptionModel[];
  /** Of its arguments, in order; the last stands for those behind it if it may be repeated. */
  readonly arguments: readonly Value[];
  readonly commands: readonly CommandModel[];
}

export function modelOf(command: Command): CommandModel {
  const help = command.createHelp();
  return {
    name: command.name(),
    description: help.subcommandDescription(command),
    options: help.visibleOptions(command).map(optionModel),
    arguments: help.visibleArguments(command).map(argumentValue),
    commands: help.visibleCommands(command).map(modelOf),
  };
}

function optionModel({
  short,
  long,
  description,
  flags,
  required,
  optional,
  argChoices,
}: Option): OptionModel {
  return {
    flags: [short, long].filter((flag) => flag !== undefined && flag !== null),
    description,
    isRepeatable: description.includes("may be repeated"),
    value: required || optional ? valueOf(flags, argChoices) : undefined,
  };
}

function argumentValue(argument: Argument): Value {
  return valueOf(`<${argument.name()}>`, argument.argChoices);
}

/** A placeholder such as <file> says what is expected. */
function valueOf(placeholder: string, choices: readonly string[] | undefined): Value {
  if (choices !== undefined) return { kind: "choice", choices };
  return /[<[](?:\w+-)?(?:file|path|folder|directory)[\]>]/.test(placeholder)
    ? { kind: "file" }
    : { kind: "other" };
}
