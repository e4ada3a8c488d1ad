// The contract of connections, over HTTP/2 with prior knowledge.

import { holdToContract } from "./contract.ts";
import { h2cTransport } from "./transports.ts";

holdToContract(h2cTransport);
