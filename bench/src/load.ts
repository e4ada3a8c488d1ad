// The process of the load: `load.js JOB`, a Job as JSON. It tells its parent one Measurement.

import { measureEcho } from "./echo.ts";
import { measureIdle } from "./idle.ts";
import type { Target } from "./measurement.ts";
import { endWithParent, tellParent } from "./parent.ts";
import type { Scenario } from "./scenarios.ts";

export interface Job {
  readonly scenario: Scenario;
  readonly target: Target;
}

endWithParent();
const { scenario, target } = JSON.parse(process.argv[2] as string) as Job;
const measurement =
  scenario.kind === "echo"
    ? await measureEcho(scenario, target)
    : await measureIdle(scenario, target);
await tellParent(measurement);
