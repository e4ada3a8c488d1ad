// What a promise rejects with, as a value that a test can look at.

import assert from "node:assert/strict";
import type { HawserError } from "../../dist/index.js";

/** The error, which has to be one of Hawser's with that code when one is given. */
export async function rejectionOf<Failure = HawserError>(
  promise: Promise<unknown>,
  code?: string,
): Promise<Failure> {
  let error: unknown;
  try {
    await promise;
  } catch (thrown) {
    error = thrown;
  }
  assert.notEqual(error, undefined, "it did not reject");
  if (code !== undefined) assert.equal((error as HawserError).code, code, String(error));
  return error as Failure;
}
