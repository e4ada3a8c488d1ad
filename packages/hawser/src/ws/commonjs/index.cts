// `require("hawser/ws")`: the class itself, with the rest as its statics.

import face = require("../index.ts");

export = face.default;
