// `npm run bench:micro`: the functions on the way of a byte, one by one, beside what ws does in their
// place. For work on one of them; what it is worth in a server only `npm run bench` tells.

import { run } from "mitata";
import { benchMasking } from "./micro/masking.ts";
import { benchUtf8 } from "./micro/utf8.ts";
import { benchFrameEncode } from "./micro/frame-encode.ts";
import { benchFrameDecode } from "./micro/frame-decode.ts";

benchMasking();
benchUtf8();
benchFrameEncode();
benchFrameDecode();
await run();
