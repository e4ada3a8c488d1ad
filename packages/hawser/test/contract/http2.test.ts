// The contract of connections, over HTTP/2.

import { holdToContract } from "./contract.ts";
import { http2Transport } from "./transports.ts";

holdToContract(http2Transport);
