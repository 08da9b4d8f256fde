import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { expect, test } from "vitest";
import { certificateNames, fakeCertificate, pemToDer } from "./x509.ts";

/** Made by OpenSSL 3.0: `openssl req -x509 -subj /O=Shop/CN=shop.example.org -addext subjectAltName=DNS:shop.example.org`. */
const LAB = fileURLToPath(new URL("../../e2e/kind/labs/62-ingress-tls.sh", import.meta.url));

test("the names of OpenSSL's certificate", () => {
  const der = pemToDer(readFileSync(LAB, "utf8"));
  const names = certificateNames(der ?? new Uint8Array(0));
  expect(names?.notBefore).toMatch(/^2026\d{10}Z$/);
  expect(names).toMatchObject({
    subject: "O=Shop; CN=shop.example.org",
    issuer: "O=Shop; CN=shop.example.org",
    commonName: "shop.example.org",
    dnsNames: ["shop.example.org"],
  });
});

test("a certificate that is made up is read back", () => {
  const about = {
    organization: "Acme Co",
    commonName: "Fake",
    dnsName: "ingress.local",
    from: "2026-01-02T03:04:05Z",
  };
  expect(certificateNames(fakeCertificate(about))).toEqual({
    subject: "O=Acme Co; CN=Fake",
    issuer: "O=Acme Co; CN=Fake",
    commonName: "Fake",
    dnsNames: ["ingress.local"],
    notBefore: "20260102030405Z",
    notAfter: "20270102030405Z",
  });
});

test("no bytes and no text make it throw", () => {
  fc.assert(fc.property(fc.uint8Array(), (b) => void certificateNames(b)));
  fc.assert(fc.property(fc.string(), (text) => pemToDer(text) === undefined));
});
