// Every export of `hawser/protocol`, as a program uses it that runs it on another transport: without the
// types of Node or of the DOM.

import * as protocol from "hawser/protocol";
import {
  type Acceptance,
  type Accepted,
  type AgreedExtension,
  type Agreed,
  type AllowedOrigins,
  BlockPool,
  ClientHandshake,
  type ClientRequest,
  CloseCode,
  type CloseOutcome,
  CompressionBudget,
  ConnectionClosedError,
  type DeflateEngine,
  DeflateNegotiator,
  type DeflateParameters,
  type Deflater,
  type DeflateSettings,
  encodeMessage,
  Endpoint,
  type EndpointEvents,
  type EndpointOptions,
  type Extension,
  type ExtensionNegotiator,
  type ExtensionOffer,
  type FieldLines,
  type ForwardedClient,
  type HandshakeDetails,
  HandshakeError,
  type ConnectPhase,
  type HandshakeOffer,
  type HandshakeRequest,
  type HandshakeRules,
  type Headers,
  type IsTrusted,
  type XForwarded,
  type HeadLimits,
  type Inflater,
  InternalError,
  LimitError,
  type Message,
  MessageEncoder,
  type MessageOptions,
  type Move,
  type OnWritten,
  Opcode,
  Output,
  type OutputOptions,
  type Platform,
  ProtocolError,
  Receiver,
  type ReceiverEvent,
  type ReceiverOptions,
  type RefusalCode,
  type RequestLine,
  type Role,
  ServerHandshake,
  type Simd,
  type State,
  TransportError,
  UsageError,
  HawserError,
  type WholeRequest,
} from "hawser/protocol";

/** Whether two types are the same, for whoever asks. */
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

const isTrue = <T extends true>(): T => true as T;
declare const simd: Simd;
declare const engine: DeflateEngine;
declare const bytes: Uint8Array;

// ---- An open connection

const platform: Platform = {
  sha1Base64: (text) => text,
  randomBytes: (size) => new Uint8Array(size),
  maskingKey: () => 1,
  isUtf8: (given) => given.length === 0,
  decodeUtf8: (_, start, end) => String(end - start),
  decodeAscii: () => "",
  encodeUtf8Into: (text, target, offset) => text.length + target.length + offset,
  utf8ByteLength: (text) => text.length,
  view: (memory, offset, size) => new Uint8Array(memory, offset, size),
  allocate: (size) => new Uint8Array(size),
  simd,
};
const role: Role = "server";
const receiving: ReceiverOptions = {
  role,
  platform,
  maxMessageBytes: 1,
  maxFragments: 1,
  binaryViews: false,
};
const sending: OutputOptions = { role, platform, blocks: new BlockPool(platform) };
const events: EndpointEvents<{ log: Message[] }> = {
  message: (owner, message, isText) => void (isText && owner.log.push(message)),
  ping: (_, payload) => void payload.length,
  pong: () => undefined,
  output: () => undefined,
  close: (_, code, reason) => void [code.toFixed(), reason.length],
  failed: (_, error) => void error.closeCode.toFixed(),
  ready: () => undefined,
  end: () => undefined,
};
const options: EndpointOptions<{ log: Message[] }> = { ...receiving, ...sending, events };
declare const extension: Extension;
const endpoint = new Endpoint(options, { log: [] }, extension);
const onWritten: OnWritten = (error) => void error?.message;
const how: MessageOptions = { fin: true, isText: true, compress: false, onWritten };
endpoint.send("a", how);
endpoint.sendEncoded(encodeMessage(platform, bytes, 1));
endpoint.sendEncoded(
  new MessageEncoder(platform, extension).encode("a") as Promise<Uint8Array>,
  "key",
  1,
);
isTrue<Same<typeof endpoint.state, State>>();
isTrue<Same<typeof endpoint.outcome, CloseOutcome>>();
isTrue<Same<typeof endpoint.output, Output>>();
isTrue<Same<State, "open" | "close-sent" | "close-exchanged" | "failed" | "closed">>();
const move: Move = "sendClose";
protocol.moves.open[move] satisfies State | undefined;
const receiver = new Receiver(receiving, false);
isTrue<Same<ReturnType<typeof receiver.next>, ReceiverEvent>>();
isTrue<Same<Opcode, 0 | 1 | 2 | 8 | 9 | 10>>();
isTrue<Same<typeof Opcode.text, 1>>();
isTrue<Same<typeof CloseCode.tryAgainLater, 1013>>();
isTrue<Same<typeof protocol.maxCloseReasonBytes, 123>>();
protocol.isWireCloseCode(1000) satisfies boolean;
protocol.checkCloseArguments(platform, 1000, "a");

// ---- The opening handshake

const limits: HeadLimits = { maxHeaderBytes: 1, maxHeaders: 1 };
const origins: AllowedOrigins = "*";
const rules: HandshakeRules = { ...limits, maxUrlBytes: 1, origins };
const server = new ServerHandshake(rules);
const request: (HandshakeRequest & HandshakeOffer) | undefined = server.receive(bytes);
const line: RequestLine = { method: "GET", target: "/", httpVersion: "1.1" };
const headers: Headers = protocol.headersFromRaw(["host", "a"]);
const offer: HandshakeOffer = protocol.checkRequest({ ...line, headers }, rules);
const whole: WholeRequest | undefined = protocol.readWholeRequest("GET / HTTP/1.1", rules);
if (whole !== undefined) protocol.fieldsOfWhole(whole) satisfies string[];
const fields: FieldLines = [["a", "b"]];
const [choice] = offer.extensions;
const acceptance: Acceptance = { key: offer.key, protocol: "", extension: choice, headers: fields };
protocol.serializeAcceptance(platform, acceptance) satisfies Uint8Array;
protocol.acceptanceText(platform, acceptance) satisfies string;
const stream: HandshakeOffer | "malformed" = protocol.checkConnect([":method", "CONNECT"], rules);
isTrue<Same<typeof stream, HandshakeOffer | "malformed">>();
protocol.acceptanceFields(acceptance) satisfies [string, string][];
const isTrusted: IsTrusted = (address) => address === "127.0.0.1";
const told: XForwarded = { for: "a", host: undefined, proto: undefined };
const behind: ForwardedClient = protocol.clientByXForwarded(told, isTrusted);
isTrue<Same<ReturnType<typeof protocol.clientByForwarded>, typeof behind>>();
protocol.isOriginAllowed("https://a", "a", []) satisfies boolean;
const code: RefusalCode = "HAWSER_ORIGIN";
protocol.serializeRefusal(platform, protocol.refusal(code)) satisfies Uint8Array;
isTrue<Same<(typeof protocol.refusals)["HAWSER_ORIGIN"]["status"], 403>>();
protocol.isHost("a") &&
  protocol.isHttpRequest(bytes) &&
  (protocol.areSubprotocols(["a"]) satisfies boolean);
protocol.framingNames.has("host");
const negotiator: ExtensionNegotiator = new DeflateNegotiator(
  engine,
  { mode: "shared", windowBits: 15, minBytes: 1 } satisfies DeflateSettings,
  new CompressionBudget(1),
);
const wanted: ClientRequest = {
  target: "/",
  host: "a",
  protocols: [],
  extensions: [negotiator],
  headers: fields,
};
const client = new ClientHandshake(platform, wanted);
const accepted: Accepted | undefined = client.receive(bytes);
isTrue<Same<ReturnType<typeof client.end>, never>>();
const http2Client = new protocol.ConnectHandshake(platform, wanted, "https");
const both: Agreed | "refused" = http2Client.receive(200, []);
isTrue<Same<typeof both, Agreed | "refused">>();
isTrue<Same<ReturnType<typeof http2Client.refuse>, never>>();
protocol.responseFault("HAWSER_REFUSED").code satisfies string;
protocol.responseFaults.HAWSER_REFUSED.rfc satisfies string;

// ---- Extensions

const offers: ExtensionOffer[] | undefined = protocol.parseExtensions("a; b=c");
protocol.serializeExtensions(offers ?? []) satisfies string;
const agreed: AgreedExtension | undefined = protocol.chooseExtension([negotiator], offers ?? []);
isTrue<
  Same<ReturnType<typeof protocol.confirmExtension>, AgreedExtension | "refused" | undefined>
>();
agreed?.open() satisfies Extension | undefined;
const parameters: DeflateParameters = { windowBits: 15, takeover: true };
const deflater: Deflater = engine.deflater(parameters);
const inflater: Inflater = engine.inflater(parameters);
void [deflater.deflate(bytes), inflater.inflate(bytes, 1), accepted?.rest, request?.target];

// ---- Errors

const phase: ConnectPhase = "waiting for 101";
const details: HandshakeDetails = { status: 401, body: "no", phase };
const errors: HawserError[] = [
  new UsageError("A", "a"),
  new HandshakeError("A", "a", details),
  new ProtocolError("A", "a", 1002, "§1"),
  new LimitError("A", "a", 1, 2, 1009),
  new InternalError("A", "a"),
  new TransportError("A", "a"),
  new TransportError("A", "a", new Error("b"), phase),
  new ConnectionClosedError(1006, "", false),
];
for (const { code: own, name } of errors) [own, name] satisfies string[];
isTrue<Same<(typeof protocol.violations)["HAWSER_INVALID_UTF8"]["closeCode"], 1007>>();
isTrue<Same<(typeof protocol.limits)["HAWSER_MESSAGE_TOO_BIG"]["closeCode"], 1009>>();

protocol.limitExceeded("HAWSER_MESSAGE_TOO_BIG", 1, 2) satisfies LimitError;

// ---- What is refused

// @ts-expect-error: the rest of the platform
const half: Platform = { sha1Base64: (text: string) => text };
// @ts-expect-error: two roles
new Receiver({ ...receiving, role: "proxy" }, false);
// @ts-expect-error: no message
endpoint.send(12);
// @ts-expect-error: readonly
endpoint.state = "closed";
// @ts-expect-error: no such refusal
protocol.refusal("HAWSER_TEAPOT");
// @ts-expect-error: no such code
CloseCode.unknown;
