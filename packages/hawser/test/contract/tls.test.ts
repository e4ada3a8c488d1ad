// The contract of connections, over TLS.

import { holdToContract } from "./contract.ts";
import { tlsTransport } from "./transports.ts";

holdToContract(tlsTransport);
