// @ts-check
// Two of the programs in software/ carry a copy of ws inside of a bundle, which no override reaches: Vite's
// dev server and Playwright. A bundle keeps each module of ws as a function of its own; here the eight that
// ws exports return what `require("ws")` has instead, and the inner ones throw. So none of the copy's code
// can run, and everything around it is as published.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What each module of ws exports, as a member of the package; the inner ones are not there. */
const members = /** @type {Record<string, string>} */ ({
  extension: ".extension",
  "permessage-deflate": ".PerMessageDeflate",
  receiver: ".Receiver",
  sender: ".Sender",
  stream: ".createWebSocketStream",
  subprotocol: ".subprotocol",
  websocket: "",
  "websocket-server": ".WebSocketServer",
});

/**
 * Where the copies are, how the head of a module looks there (its name is the first group), and the names
 * of its parameter `module` and of `require`.
 */
const bundles = [
  {
    file: "playwright-core/lib/utilsBundle.js",
    head: /"node_modules\/ws\/lib\/([a-z-]+)\.js"\(exports2, module2\) \{\n/g,
    module: "module2",
    require: "require",
  },
  {
    file: "vite/dist/node/chunks/node.js",
    head: /\/node_modules\/ws\/lib\/([a-z-]+)\.js\nvar \w+ = .*\(\(\(exports, module\) => \{\n/g,
    module: "module",
    require: "__require",
  },
];

/**
 * Takes the copies of ws out of service.
 * @param {string} modules the folder node_modules that they are installed in
 */
export function replaceBundledWs(modules) {
  for (const bundle of bundles) {
    const path = join(modules, bundle.file);
    /** @type {string[]} */
    const found = [];
    const text = readFileSync(path, "utf8").replace(bundle.head, (head, name) => {
      found.push(name);
      const member = members[name];
      if (member === undefined) return `${head}throw new Error("the bundled ws runs: ${name}");\n`;
      return `${head}${bundle.module}.exports = ${bundle.require}("ws")${member};\nreturn;\n`;
    });
    const missing = Object.keys(members).filter((name) => !found.includes(name));
    if (missing.length > 0 || new Set(found).size !== found.length) {
      throw new Error(`${bundle.file} bundles ws in another way now: found ${found.join(", ")}`);
    }
    writeFileSync(path, text);
  }
}
