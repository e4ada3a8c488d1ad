// What bundlers take for a page, under the condition "browser". A page has a WebSocket of its own, and
// nothing of Node would work there: to load this is harmless (programs for both do), to use it is not.

"use strict";

module.exports = function noWebSocket() {
  throw new Error("ws is for Node: in a browser, use the global WebSocket");
};
