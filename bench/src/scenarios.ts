// What is measured, as a table: a further scenario is a further row. A row of a kind that exists needs
// nothing else; a new kind needs its load (echo.ts and idle.ts are those that there are).

/** Every message comes back: `inFlight` of them are under way on each connection at any time. */
export interface EchoScenario {
  readonly kind: "echo";
  readonly connections: number;
  readonly messageBytes: number;
  readonly inFlight: number;
}

/** The connections are opened and then say nothing. */
export interface IdleScenario {
  readonly kind: "idle";
  readonly connections: number;
}

export type Scenario = EchoScenario | IdleScenario;

const KiB = 1024;

export const scenarios: ReadonlyMap<string, Scenario> = new Map<string, Scenario>([
  ["echo-64x16", { kind: "echo", connections: 64, messageBytes: 64, inFlight: 16 }],
  ["echo-64x1", { kind: "echo", connections: 64, messageBytes: 64, inFlight: 1 }],
  ["echo-16k", { kind: "echo", connections: 64, messageBytes: 16 * KiB, inFlight: 4 }],
  ["idle-memory", { kind: "idle", connections: 5_000 }],
]);
