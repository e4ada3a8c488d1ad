// The load of an echo scenario. What comes back is counted in bytes, and for each whole message that is
// back the next one goes out; only the first answers on each connection are compared, with what they
// must be. The CPU time is read in the same moments as the count, both while the load runs.

import { setTimeout as sleep } from "node:timers/promises";
import { openConnection, readBuffer } from "./connection.ts";
import type { Measurement, Target } from "./measurement.ts";
import { readCpuUs, readWaitUs } from "./process-stats.ts";
import type { EchoScenario } from "./scenarios.ts";
import { maskedFrames, unmaskedFrames } from "./wire.ts";

/** Until the server's code is compiled and its heap has found its size. */
const warmUpMs = 500;

export async function measureEcho(scenario: EchoScenario, target: Target): Promise<Measurement> {
  const count = await startEcho(scenario, target.port);
  const sample = () => ({
    messages: count(),
    timeUs: performance.now() * 1_000,
    cpuUs: readCpuUs(target.pid),
    waitUs: readWaitUs(target.pid),
  });
  await sleep(warmUpMs);
  const before = sample();
  await sleep(target.seconds * 1_000);
  const after = sample();
  const messages = after.messages - before.messages;
  const timeUs = after.timeUs - before.timeUs;
  const cpuUs = after.cpuUs - before.cpuUs;
  const waitUs = after.waitUs - before.waitUs;
  return {
    figures: { cpuPerMessageUs: cpuUs / messages },
    work: {
      messagesPerSecond: (messages * 1e6) / timeUs,
      coresUsed: cpuUs / timeUs,
      coresWanted: (cpuUs + waitUs) / timeUs,
    },
  };
}

/** Starts the load; returns what tells how many messages have come back so far. */
async function startEcho(scenario: EchoScenario, port: number): Promise<() => number> {
  const { connections, messageBytes, inFlight } = scenario;
  const requests = maskedFrames(messageBytes, inFlight);
  const answers = unmaskedFrames(messageBytes, inFlight);
  const requestBytes = requests.length / inFlight;
  const answerBytes = answers.length / inFlight;
  let messages = 0;

  const open = async () => {
    let checkedBytes = 0;
    let receivedBytes = 0;
    const socket = await openConnection(port, (byteCount) => {
      if (checkedBytes < answers.length) {
        const length = Math.min(byteCount, answers.length - checkedBytes);
        if (readBuffer.compare(answers, checkedBytes, checkedBytes + length, 0, length) !== 0) {
          throw new Error("the server answered something else than the message");
        }
        checkedBytes += length;
      }
      receivedBytes += byteCount;
      const back = Math.floor(receivedBytes / answerBytes);
      if (back === 0) return;
      receivedBytes -= back * answerBytes;
      messages += back;
      socket.write(requests.subarray(0, back * requestBytes));
    });
    return socket;
  };

  const sockets = await Promise.all(Array.from({ length: connections }, open));
  for (const socket of sockets) socket.write(requests);
  return () => messages;
}
