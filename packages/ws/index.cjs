// What `require("ws")` finds: the class itself, the same one that an import finds.

"use strict";

module.exports = require("hawser/ws");
