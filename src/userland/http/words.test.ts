import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Console } from "../../testkit/console.ts";
import { parseUrl, resolveUrl } from "./url.ts";

/** Whatever is typed, the commands over TCP end with a status; what a URL is made of does not matter either. */

const VOCABULARY = (
  "http://127.0.0.1/ 127.0.0.1 127.0.0.1:80 http://[::1]/ http://x:y/ ftp://a https://a -s -S -i -I -v -o /dev/null -w %{http_code} %{no} " +
  "-m 1 x -H A: A:b -X GET -d a=b @f --resolve a:80:127.0.0.1 a:b -L -k -O- -q -t 1 -T -nv --spider -c - STDIO TCP:127.0.0.1:80 " +
  "TCP:127.0.0.1:80,sourceport=4,bind=127.0.0.1 TCP:x:y EXEC:cat SYSTEM:true PIPE UDP:127.0.0.1:5 OPEN:/no FOO , : -u -t1 -tn -p " +
  "state listening sport = :80 dst ( ) or not and -l -a -o -n"
).split(" ");

const word = fc.oneof(fc.constantFrom(...VOCABULARY), fc.string({ maxLength: 6 }));
const words = fc.array(
  word.map((w) => w.replace(/["'\s]/g, "")).filter((w) => w !== ""),
  { maxLength: 6 },
);

describe("any words", () => {
  test.each(["ss", "netstat -t", "curl -m1", "wget -T1 -t1", "socat", "nc -w1"])("%s ends", (command) => {
    const console = new Console();
    fc.assert(
      fc.property(words, (rest) => {
        fc.pre(!(command.startsWith("nc") && rest.some((w) => /^-.*[clkwWqiIt]/.test(w))));
        fc.pre(!rest.some((w) => /listen|recv|UDP|PIPE|^-t$|^-m$/i.test(w) && command !== "ss"));
        expect(console.run([command, ...rest].join(" ")).status).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 80 },
    );
  });
});

test("any text is a URL or is not; what a redirection makes of one is again a text to look at", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (text, location) => {
      const url = parseUrl(text);
      if (!url.ok) return;
      expect(url.value.host).not.toBe("");
      expect(url.value.target.startsWith("/")).toBe(true);
      parseUrl(resolveUrl(url.value, location));
    }),
  );
});

test.each([
  ["10.1.0.2", { scheme: "http", host: "10.1.0.2", port: undefined, target: "/" }],
  ["http://web:8080/a?b#c", { scheme: "http", host: "web", port: 8080, target: "/a?b" }],
  ["http://u:p@[fd00::1]:80", { user: "u:p", host: "fd00::1", port: 80, target: "/" }],
])("%s", (text, parts) => {
  expect(parseUrl(text)).toMatchObject({ ok: true, value: parts });
});
