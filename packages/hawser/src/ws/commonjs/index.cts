// `require("hawser/ws")`: the class itself, with the rest as its statics, and the types in its namespace.

import face = require("../index.ts");

// By a name, which carries all three: an expression would be the class alone.
import WebSocket = face.WebSocket;

export = WebSocket;
