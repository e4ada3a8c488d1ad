// `hawser completion` in real shells: bash by its function, zsh by the Tab key under a pseudo-terminal.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { run } from "../../dist/index.js";
import { MemoryIo } from "../memory-io.js";
import { TestTerminal } from "../terminal.js";

const bin = join(import.meta.dirname, "../../dist/bin.js");
const folder = mkdtempSync(join(tmpdir(), "hawser-completion-"));
after(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, "hawser"), `#!/bin/sh\nexec ${process.execPath} ${bin} "$@"\n`);
chmodSync(join(folder, "hawser"), 0o755);
mkdirSync(join(folder, "files"));
writeFileSync(join(folder, "files", "my hello.txt"), "");
const env = { ...process.env, PATH: `${folder}:${process.env["PATH"]}` };

/** What bash offers for the last of the words. */
function bash(...words: string[]): string[] {
  const script = `
    source <(hawser completion bash) || exit 1
    # Of use only while Tab is pressed.
    compopt() { :; }
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    _hawser
    printf '%s\\n' "\${COMPREPLY[@]}"
  `;
  const argv = ["--norc", "-c", script, "bash", "hawser", ...words];
  const output = execFileSync("bash", argv, { env, cwd: join(folder, "files"), encoding: "utf8" });
  return output.split("\n").filter((line) => line !== "");
}

/** The commands, and the options of one, as the help has them. */
async function inHelp(...argv: string[]): Promise<{ commands: string[]; options: string[] }> {
  const io = new MemoryIo();
  await run([...argv, "--help"], io);
  const [head = ""] = io.stdout.text.split(/^(?:On a terminal|For every new shell|Cases):/m);
  return {
    commands: [...head.matchAll(/^ {2}([a-z]+) .*/gm)].map(([, name]) => name as string),
    options: [...head.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, name]) => name as string),
  };
}

describe("hawser completion bash", () => {
  it("offers every command", async () => {
    const { commands } = await inHelp();
    assert.ok(commands.includes("connect"));
    assert.deepEqual(bash(""), commands);
    assert.deepEqual(bash("conn"), ["connect"]);
  });

  for (const command of ["connect", "serve"]) {
    it(`offers every option of ${command}`, async () => {
      const { options } = await inHelp(command);
      const offered = bash(command, "--");
      assert.deepEqual(offered.toSorted(), options.toSorted());
      assert.ok(options.length > 2);
    });
  }

  it("offers files for an option that takes one, blanks and all, and nothing for any other", () => {
    assert.deepEqual(bash("connect", "--hello", ""), ["my hello.txt"]);
    assert.deepEqual(bash("connect", "--hello", "other"), []);
    assert.deepEqual(bash("connect", "--origin", ""), []);
    assert.deepEqual(bash("connect", "-H", "--"), []);
    assert.deepEqual(bash("connect", "-H", "a: b", "--hel"), ["--hello", "--help"]);
  });

  it("offers the choices of an argument", () =>
    assert.deepEqual(bash("completion", ""), ["bash", "zsh"]));
});

describe("hawser completion bash at the press of Tab", () => {
  it("completes commands, options and files", async () => {
    const rc = join(folder, "bashrc");
    writeFileSync(rc, "PS1='% '\nsource <(hawser completion bash)\necho ready\n");
    const argv = ["sh", "-c", `cd ${folder}/files && exec bash --noprofile --rcfile ${rc} -i`];
    const terminal = new TestTerminal(argv, { env, columns: 120 });
    try {
      await terminal.until(/ready\n%$/);
      terminal.type("hawser conn\t--subp\tchat --hello my\t");
      await terminal.until(/% hawser connect --subprotocol chat --hello my\\ hello\.txt$/);
      terminal.type("\u0015exit\r");
      assert.equal(await terminal.exitCode, 0);
    } finally {
      terminal.kill();
    }
  });
});

describe("hawser completion zsh", () => {
  it("completes commands, options and files at the press of Tab", async () => {
    const zdotdir = join(folder, "zsh");
    mkdirSync(zdotdir);
    writeFileSync(
      join(zdotdir, ".zshrc"),
      "PS1='%% '\nautoload -U compinit && compinit -u -D\nsource <(hawser completion zsh)\nprint ready\n",
    );
    const options = { env: { ...env, ZDOTDIR: zdotdir }, columns: 120 };
    const terminal = new TestTerminal(["sh", "-c", `cd ${folder}/files && exec zsh -i`], options);
    try {
      await terminal.until(/ready\n%$/);
      terminal.type("hawser conn\t");
      await terminal.until(/% hawser connect$/);
      terminal.type("--subp\t");
      await terminal.until(/--subprotocol$/);
      terminal.type("chat --hello \t");
      await terminal.until(/% hawser connect --subprotocol chat --hello my\\ hello\.txt$/);
      terminal.type("\u0015hawser \t");
      await terminal.until(/completion +-- print what completes[^]*connect +-- talk to a server/);
      terminal.type("\u0015hawser connect --json\t\t");
      await terminal.until(/--json-pretty +-- indent messages[^]*--jsonl +-- a JSON object a line/);
      terminal.type("\u0015hawser completion z\t");
      await terminal.until(/hawser completion zsh$/m);
      terminal.type("\u0015exit\r");
      assert.equal(await terminal.exitCode, 0);
      assert.doesNotMatch(terminal.raw, /parse error|not found|_arguments/);
    } finally {
      terminal.kill();
    }
  });
});
