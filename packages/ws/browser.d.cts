/** @throws Error always: in a browser there is a WebSocket already */
declare function noWebSocket(): never;
export = noWebSocket;
