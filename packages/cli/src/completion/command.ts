// `hawser completion`: prints what a shell needs to complete the command.

import { Argument, type Command } from "commander";
import type { CommandContext } from "../shared/command-context.ts";
import { bashCompletion } from "./bash.ts";
import { modelOf } from "./model.ts";
import { zshCompletion } from "./zsh.ts";

const shells = { bash: bashCompletion, zsh: zshCompletion } as const;

/** Adds the command to the program; what other commands are added later is completed, too. */
export function addCompletion(program: Command, { io, done }: CommandContext): void {
  program
    .command("completion")
    .description("print what completes this command in a shell")
    .addArgument(new Argument("<shell>", "the shell").choices(Object.keys(shells)))
    .addHelpText("after", manual)
    .action((shell: keyof typeof shells) => {
      io.stdout.write(shells[shell](modelOf(program)));
      done(0);
    });
}

const manual = `
For every new shell:
  echo 'source <(hawser completion bash)' >> ~/.bashrc
  echo 'source <(hawser completion zsh)' >> ~/.zshrc     (behind compinit)
`;
