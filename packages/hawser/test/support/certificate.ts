// Certificates, made when they are asked for: no key lies in the repository, and none expires. One that
// signs itself, or an authority that signs others.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** A certificate for that name and 127.0.0.1; signed by the authority, or else by itself. */
export function makeCertificate(name = "localhost", authority?: Certificate): Certificate {
  const folder = mkdtempSync(join(tmpdir(), "hawser-certificate-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  try {
    const command = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=${name}`;
    const names = ["-addext", `subjectAltName=DNS:${name},IP:127.0.0.1`];
    execFileSync(
      "openssl",
      [
        ...command.split(" "),
        ...names,
        ...signedBy(folder, authority),
        "-keyout",
        key,
        "-out",
        cert,
      ],
      { stdio: "pipe" },
    );
    return { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function signedBy(folder: string, authority: Certificate | undefined): string[] {
  if (authority === undefined) return [];
  const [key, cert] = [join(folder, "authority-key.pem"), join(folder, "authority.pem")];
  writeFileSync(key, authority.key);
  writeFileSync(cert, authority.cert);
  return ["-CA", cert, "-CAkey", key, "-addext", "basicConstraints=critical,CA:FALSE"];
}
