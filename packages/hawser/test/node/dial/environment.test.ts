// Which proxy the environment names: the variables, and the grammar of NO_PROXY.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isWithoutProxy, proxyInEnvironment } from "../../../dist/node/dial/environment.js";
import { hopOf, parseUrl } from "../../../dist/node/dial.js";

describe("the variables", () => {
  const all = {
    http_proxy: "a",
    HTTP_PROXY: "b",
    https_proxy: "c",
    HTTPS_PROXY: "d",
    all_proxy: "e",
    ALL_PROXY: "f",
  };
  const without = (...names: string[]): Record<string, string> =>
    Object.fromEntries(Object.entries(all).filter(([name]) => !names.includes(name)));
  const ofWs = ["http_proxy", "HTTP_PROXY"];
  const ofWss = ["https_proxy", "HTTPS_PROXY"];

  for (const [title, url, environment, expected] of [
    ["ws: http_proxy", "ws://h", all, "a"],
    ["ws: HTTP_PROXY", "ws://h", without("http_proxy"), "b"],
    ["ws: all_proxy", "ws://h", without(...ofWs), "e"],
    ["ws: ALL_PROXY", "ws://h", without(...ofWs, "all_proxy"), "f"],
    ["ws: never HTTPS_PROXY", "ws://h", { HTTPS_PROXY: "d" }, undefined],
    ["wss: https_proxy", "wss://h", all, "c"],
    ["wss: HTTPS_PROXY", "wss://h", without("https_proxy"), "d"],
    ["wss: all_proxy", "wss://h", without(...ofWss), "e"],
    ["wss: never HTTP_PROXY", "wss://h", { HTTP_PROXY: "b" }, undefined],
    ["an empty one is none", "ws://h", { http_proxy: "", HTTP_PROXY: " ", ALL_PROXY: "f" }, "f"],
    ["none", "ws://h", {}, undefined],
    ["CVE-2016-5385: not HTTP_PROXY in CGI", "ws://h", { HTTP_PROXY: "b", REQUEST_METHOD: "GET" }],
    ["but http_proxy", "ws://h", { http_proxy: "a", REQUEST_METHOD: "GET" }, "a"],
    ["no_proxy is before NO_PROXY", "ws://h", { ...all, no_proxy: "i", NO_PROXY: "h" }, "a"],
    ["an empty no_proxy is none", "ws://h", { ...all, no_proxy: "", NO_PROXY: "h" }, undefined],
  ] as const) {
    it(title, () => {
      const found = proxyInEnvironment(hopOf(parseUrl(url)), environment);
      assert.equal(found?.value, expected);
    });
  }
});

describe("NO_PROXY", () => {
  for (const [list, url, expected] of [
    ["", "ws://example.com", false],
    [" , ,", "ws://example.com", false],
    ["*", "ws://example.com", true],
    ["a.test, *", "ws://example.com", true],
    ["example.com", "ws://example.com", true],
    ["EXAMPLE.com", "ws://Example.COM", true],
    ["example.com", "ws://example.com./", true],
    ["example.com.", "ws://example.com", true],
    ["example.com", "ws://www.example.com", true],
    ["example.com", "ws://badexample.com", false],
    ["example.com", "ws://example.com.evil.test", false],
    [".example.com", "ws://www.example.com", true],
    [".example.com", "ws://example.com", true],
    ["*.example.com", "ws://a.b.example.com", true],
    ["*.example.com", "ws://badexample.com", false],
    ["www.example.com", "ws://example.com", false],
    [".", "ws://example.com", false],
    ["*.", "ws://example.com", false],
    ["a.test,example.com", "ws://example.com", true],
    ["a.test example.com", "ws://example.com", true],
    ["a.test\texample.com", "ws://example.com", true],
    ["example.com:8080", "ws://example.com:8080", true],
    ["example.com:8080", "ws://example.com:8081", false],
    ["example.com:80", "ws://example.com", true],
    ["example.com:443", "wss://example.com", true],
    ["example.com:443", "ws://example.com", false],
    ["localhost", "ws://localhost:9000", true],
    ["localhost", "ws://127.0.0.1", false],
    ["127.0.0.1", "ws://127.0.0.1:9000", true],
    ["127.0.0.1:80", "ws://127.0.0.1:9000", false],
    ["127.0.0.1", "ws://127.0.0.11", false],
    ["0.0.1", "ws://127.0.0.1", false],
    [".0.0.1", "ws://127.0.0.1", false],
    ["127.0.0.0/8", "ws://127.1.2.3", true],
    ["10.0.0.0/8", "ws://11.0.0.1", false],
    ["192.168.1.0/24:8080", "ws://192.168.1.9:8080", true],
    ["192.168.1.0/24:8080", "ws://192.168.1.9:8081", false],
    ["10.0.0.0/", "ws://10.0.0.0", false],
    ["10.0.0.0/33", "ws://10.0.0.0", false],
    ["10.0.0.0/x", "ws://10.0.0.0", false],
    ["10.0.0.0/8", "ws://10.0.0.1.example.com", false],
    ["::1", "ws://[::1]:9000", true],
    ["[::1]", "ws://[::1]:9000", true],
    ["[::1]:9000", "ws://[::1]:9000", true],
    ["[::1]:80", "ws://[::1]:9000", false],
    ["fd00::/8", "ws://[fd12::1]", true],
    ["fd00::/8", "ws://[fe80::1]", false],
    ["fd00::/129", "ws://[fd00::1]", false],
    ["0:0:0:0:0:0:0:1", "ws://[::1]", true],
    ["10.0.0.0/8", "ws://[::1]", false],
    ["::/0", "ws://[fe80::1]", true],
    ["::/0", "ws://10.0.0.1", false],
    ["0.0.0.0/0", "ws://10.0.0.1", true],
  ] as const) {
    it(`${JSON.stringify(list)} ${expected ? "has" : "has not"} ${url}`, () => {
      assert.equal(isWithoutProxy(hopOf(parseUrl(url)), list), expected);
    });
  }
});
