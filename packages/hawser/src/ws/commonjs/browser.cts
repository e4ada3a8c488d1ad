// What a bundler for the browser gets in place of `hawser/ws`.

/** @throws Error always: in a browser there is a WebSocket already */
function notInTheBrowser(): never {
  throw new Error("hawser/ws does not run in the browser: use the WebSocket that is there");
}

export = notInTheBrowser;
