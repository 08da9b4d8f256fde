import { expect, test } from "vitest";
import { utf8Encode } from "../base/utf8.ts";
import { HTTP_REQUEST, HTTP_RESPONSE } from "./fixtures.ts";
import { decodeHttp, encodeHttp, httpField, looksLikeHttp, type HttpHead } from "./http.ts";

const REQUEST: HttpHead = {
  kind: "request",
  method: "GET",
  target: "/",
  version: "HTTP/1.1",
  fields: [
    { name: "Host", value: "10.0.0.2" },
    { name: "User-Agent", value: "curl/7.88.1" },
    { name: "Accept", value: "*/*" },
  ],
};

test("decodes and encodes curl's request", () => {
  expect(decodeHttp(HTTP_REQUEST, 66)).toEqual({ ok: true, value: { head: REQUEST, length: 72 } });
  expect(encodeHttp(REQUEST)).toEqual(HTTP_REQUEST.subarray(66));
});

test("decodes a response and finds a field in any case", () => {
  const read = decodeHttp(HTTP_RESPONSE, 66);
  if (!read.ok) throw new Error(read.error);
  expect(read.value.head).toMatchObject({
    kind: "response",
    version: "HTTP/1.0",
    status: 200,
    reason: "OK",
  });
  expect(httpField(read.value.head, "content-LENGTH")).toBe("6");
  expect(httpField(read.value.head, "etag")).toBeUndefined();
});

test("leaves the body where it is", () => {
  const bytes = utf8Encode("HTTP/1.1 204 \r\nA:  b \r\n\r\nbody");
  const fields = [{ name: "A", value: "b" }];
  const head = { kind: "response", version: "HTTP/1.1", status: 204, reason: "", fields };
  expect(decodeHttp(bytes)).toEqual({ ok: true, value: { head, length: bytes.length - 4 } });
});

test.each([
  ["incomplete", "GET / HTTP/1.1\r\nHost: a\r\n"],
  ["bad-start-line", "GET  / HTTP/1.1\r\n\r\n"],
  ["bad-start-line", "hello\r\n\r\n"],
  ["bad-field-line", "GET / HTTP/1.1\r\nHost\r\n\r\n"],
  ["bad-field-line", "GET / HTTP/1.1\r\nHost : a\r\n\r\n"],
] as const)("refuses a head: %s", (error, text) => {
  expect(decodeHttp(utf8Encode(text))).toEqual({ ok: false, error });
});

test("recognises heads by their first words", () => {
  const seen = ["GET / HTTP/1.1", "HTTP/1.1 200 OK", "SSH-2.0-x", "GETTING", ""].map((t) => {
    const b = utf8Encode(t);
    return looksLikeHttp(b, 0, b.length);
  });
  expect(seen).toEqual([true, true, false, false, false]);
});
