// The same for `require`.

import hawser = require("hawser/ws");
import ws = require("ws");

declare function make<T>(): T;

export const socketClass: typeof ws = hawser;
export const serverClass: typeof ws.Server = hawser.Server;
export const socket: ws = new hawser("ws://x");
export const server: ws.Server = new hawser.Server({ noServer: true });
export const named: ws.WebSocket = make<hawser.WebSocket>();
export const options: [ws.ClientOptions, ws.ServerOptions] =
  make<[hawser.ClientOptions, hawser.ServerOptions]>();
export const theirSocket: hawser = make<ws>();
