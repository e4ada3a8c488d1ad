// A server that echoes, in a process that may have few descriptors.

import type { AddressInfo } from "node:net";
import { serve } from "../../dist/index.js";
import { obey, tell } from "./program.ts";

process.on("uncaughtExceptionMonitor", (error) => tell("uncaught", String(error)));

obey({
  async serve() {
    const server = await serve({
      hostname: "127.0.0.1",
      message: (ws, message) => void ws.send(message),
    });
    tell("listening", (server.address() as AddressInfo).port);
  },
});
