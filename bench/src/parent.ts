// What a child process owes to the one that started it: a message, and to end when it does, however
// that came about. Ctrl+C reaches the whole process group; it is the parent's to answer.

export function endWithParent(): void {
  process.on("disconnect", () => process.exit());
  process.on("SIGINT", () => undefined);
}

/** Resolves once the message is on its way. */
export function tellParent(message: unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    if (process.send === undefined) throw new Error("this program is started by main.js");
    process.send(message, undefined, undefined, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}
