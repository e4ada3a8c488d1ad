// The certificate that the server makes: what is in it, and who accepts it.

import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import { describe, it } from "node:test";
import { connect, createServer, type TLSSocket } from "node:tls";
import { makeCertificate } from "../../dist/serve/certificate.js";

describe("makeCertificate", () => {
  it("signs itself, for servers, for a month, with no authority over others", () => {
    const { cert, key, fingerprint } = makeCertificate("localhost");
    const certificate = new X509Certificate(cert);
    assert.ok(certificate.verify(certificate.publicKey));
    assert.ok(certificate.checkPrivateKey(createPrivateKey(key)));
    assert.equal(certificate.fingerprint256, fingerprint);
    assert.equal(certificate.ca, false);
    assert.deepEqual(certificate.keyUsage, ["1.3.6.1.5.5.7.3.1"]);
    const now = Date.now();
    assert.ok(Date.parse(certificate.validFrom) < now);
    const days = (Date.parse(certificate.validTo) - now) / 86_400_000;
    assert.ok(days > 29 && days <= 30, String(days));
  });

  it("has the names of this machine, and the host", () => {
    const certificate = new X509Certificate(makeCertificate("chat.test").cert);
    for (const name of ["localhost", "chat.test"]) {
      assert.equal(certificate.checkHost(name), name);
    }
    assert.equal(certificate.checkHost("example.com"), undefined);
    for (const address of ["127.0.0.1", "::1"]) {
      assert.ok(certificate.checkIP(address) !== undefined, address);
    }
  });

  for (const address of ["192.0.2.7", "2001:db8::7", "2001:db8:1:2:3:4:5:6", "::ffff:192.0.2.7"]) {
    it(`has the address ${address}`, () => {
      const certificate = new X509Certificate(makeCertificate(address).cert);
      assert.ok(certificate.checkIP(address) !== undefined);
    });
  }

  for (const everywhere of ["0.0.0.0", "::"]) {
    it(`for ${everywhere} has all addresses, and not that one`, () => {
      const { names } = makeCertificate(everywhere);
      assert.ok(!names.includes(everywhere));
      for (const { address } of Object.values(networkInterfaces()).flat().filter(Boolean) as {
        address: string;
      }[]) {
        assert.equal(names.includes(address), !address.startsWith("fe80"), address);
      }
    });
  }

  it("is never the same", () => {
    const [one, other] = [makeCertificate("localhost"), makeCertificate("localhost")];
    assert.notEqual(one.fingerprint, other.fingerprint);
    assert.notEqual(new X509Certificate(one.cert).serialNumber, "");
  });

  it("is accepted by a client that trusts it, and by no other", async () => {
    const server = createServer(makeCertificate("localhost"));
    server.on("tlsClientError", () => {});
    server.on("secureConnection", (socket: TLSSocket) => socket.on("error", () => {}).end());
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const { cert: ca } = makeCertificate("localhost");
    const stranger = connect({ port, host: "127.0.0.1", servername: "localhost", ca });
    const [error] = (await once(stranger, "error")) as [NodeJS.ErrnoException];
    assert.match(String(error.code), /SELF_SIGNED|SIGNATURE|VERIFY/);
    server.close();
  });
});
