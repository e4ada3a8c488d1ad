// What an endpoint tells its link, as a table that all links share.

import type { EndpointEvents } from "../protocol/index.ts";
import type { Link } from "./link.ts";

export const linkEvents: EndpointEvents<Link> = {
  message: (link, message, isText) => link.deliver(message, isText),
  begin: (link, isText) => link.messageBegins(isText),
  part: (link, bytes, isLast) => link.deliverPart(bytes, isLast),
  ping: (link, payload) => link.pinged(payload),
  pong: (link, payload) => link.ponged(payload),
  output: (link) => link.writer.outputReady(),
  close: (link) => link.closeExchanged(),
  failed: (link, error) => link.failed(error),
  ready: (link) => link.goOn(),
  end: (link) => link.ended(),
};
