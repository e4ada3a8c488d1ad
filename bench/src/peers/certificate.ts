// A certificate for a server over TLS, made by `openssl` when it is asked for: no key lies in the repository.

import { execFileSync } from "node:child_process";

/** Certificate and key in one text. */
export function makeCertificate(): { readonly cert: string; readonly key: string } {
  const command =
    "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost -keyout - -out -";
  const pem = execFileSync("openssl", command.split(" "), { encoding: "utf8", stdio: "pipe" });
  return { cert: pem, key: pem };
}
