// Hawser over TLS and HTTP/1.1.

import type { Service } from "../peer.ts";
import { makeCertificate } from "./certificate.ts";
import { listenWith, newServer } from "./hawser-server.ts";

export function listen(service: Service): Promise<number> {
  return listenWith(newServer(service), { tls: makeCertificate() });
}
