// The contract of connections, over TCP.

import { holdToContract } from "./contract.ts";
import { tcpTransport } from "./transports.ts";

holdToContract(tcpTransport);
