// Simulated time: what is due next runs next, at once, and what is due at the same time in the order in which it
// was asked for. A task may belong to a host, whose tasks wait while it stands still (a stopped process, a laptop that
// sleeps): then they run late, in their order, and a timer that repeats has missed its turns.

export interface Host {
  readonly name: string;
  /** Until then it stands still. */
  frozenUntil: number;
}

export interface Task {
  at: number;
  order: number;
  readonly host: Host | undefined;
  run: (() => void) | undefined;
}

function isBefore(one: Task, other: Task): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}

export class Clock {
  now = 0;
  /** On which the task that runs is. */
  host: Host | undefined;
  #order = 0;
  /** A binary heap. */
  readonly #tasks: Task[] = [];

  /** Runs it so many milliseconds from now, on that host. */
  after(delayMs: number, run: () => void, host?: Host): Task {
    const task = { at: this.now + delayMs, order: this.#order++, host, run };
    this.#push(task);
    return task;
  }

  cancel(task: Task): void {
    task.run = undefined;
  }

  /** Runs the next task; false when none is left. */
  step(): boolean {
    for (let task = this.#pop(); task !== undefined; task = this.#pop()) {
      const { run, host } = task;
      if (run === undefined) continue;
      if (host !== undefined && host.frozenUntil > task.at) {
        task.at = host.frozenUntil;
        task.order = this.#order++;
        this.#push(task);
        continue;
      }
      this.now = task.at;
      this.host = host;
      task.run = undefined;
      run();
      return true;
    }
    return false;
  }

  #push(task: Task): void {
    const tasks = this.#tasks;
    let at = tasks.length;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = tasks[above] as Task;
      if (!isBefore(task, parent)) break;
      tasks[at] = parent;
      at = above;
    }
    tasks[at] = task;
  }

  #pop(): Task | undefined {
    const tasks = this.#tasks;
    const first = tasks[0];
    const last = tasks.pop();
    if (first === undefined || last === undefined || first === last) return first;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= tasks.length) break;
      const right = tasks[below + 1];
      if (right !== undefined && isBefore(right, tasks[below] as Task)) below++;
      const child = tasks[below] as Task;
      if (!isBefore(child, last)) break;
      tasks[at] = child;
      at = below;
    }
    tasks[at] = last;
    return first;
  }
}
