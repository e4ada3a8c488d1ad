// A certificate for localhost that signs itself, made when it is asked for: no key lies in the
// repository, and none expires.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export function makeCertificate(): Certificate {
  const folder = mkdtempSync(join(tmpdir(), "hawser-certificate-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  try {
    const command =
      "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost";
    const names = "subjectAltName=DNS:localhost,IP:127.0.0.1";
    execFileSync(
      "openssl",
      [...command.split(" "), "-addext", names, "-keyout", key, "-out", cert],
      { stdio: "pipe" },
    );
    return { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
