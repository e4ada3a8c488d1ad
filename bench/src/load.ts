// The process of the load: `load.js JOB`, a Job as JSON. It tells its parent an Outcome.

import { measureClients } from "./load/clients.ts";
import { measureEcho } from "./load/echo.ts";
import { measureFanOut } from "./load/fan-out.ts";
import { measureHandshakes } from "./load/handshake.ts";
import { measureIdle } from "./load/idle.ts";
import type { Measurement, Outcome, Target } from "./measurement.ts";
import { endWithParent, tellParent } from "./parent.ts";
import type { PeerName } from "./peer.ts";
import type { ClientScenario, ServerScenario } from "./scenarios.ts";

export type Job =
  | { readonly scenario: ServerScenario; readonly target: Target }
  | { readonly scenario: ClientScenario; readonly peer: PeerName; readonly seconds: number };

function measure(job: Job): Promise<Measurement> {
  if (!("target" in job)) return measureClients(job.scenario, job.peer, job.seconds);
  const { scenario, target } = job;
  switch (scenario.kind) {
    case "echo":
      return measureEcho(scenario, target);
    case "fan-out":
      return measureFanOut(scenario, target);
    case "handshake":
      return measureHandshakes(scenario, target);
    default:
      return measureIdle(scenario, target);
  }
}

/** What comes after the first outcome is of no interest; the parent ends this process. */
function tell(outcome: Outcome): void {
  tellParent(outcome).catch(() => process.exit(1));
}

endWithParent();
// A connection that fails throws where nobody can catch it.
process.on("uncaughtException", (error) => tell({ failure: error.message }));
tell({ measurement: await measure(JSON.parse(process.argv[2] as string) as Job) });
