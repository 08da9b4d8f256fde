import { beforeEach, expect, test } from "vitest";
import { Console } from "../../testkit/console.ts";

/** socat 1.7.4 between two namespaces. */
let console: Console;

beforeEach(() => {
  console = new Console();
  console.setUp(`ns a b
    wire a eth0 02:00:00:00:01:01 b eth0 02:00:00:00:01:02
    ip -n a addr add 10.1.0.1/24 dev eth0
    ip -n b addr add 10.1.0.2/24 dev eth0`);
});

const serve = (words: string) => {
  const process = console.start(`ip netns exec b socat ${words}`);
  console.run("true");
  return process;
};
const ask = (words: string, input = "") => console.run(`ip netns exec a ${words}`, input);

test("an echo by PIPE, for two at once", () => {
  serve("TCP-LISTEN:7,fork,reuseaddr PIPE");
  expect(ask("socat - TCP:10.1.0.2:7", "hello\n")).toMatchObject({ status: 0, text: "hello\n" });
  expect(ask("nc -N 10.1.0.2 7", "again\n").text).toBe("again\n");
});

test("a proxy with a source port of its own", () => {
  console.start("ip netns exec b nc -lk 80");
  serve("TCP-LISTEN:59528,fork,reuseaddr TCP:10.1.0.2:80,sourceport=40000,reuseaddr");
  expect(ask("nc -N 10.1.0.2 59528", "x\n").status).toBe(0);
  expect(console.run("ip netns exec b ss -tan state time-wait").text).toContain("10.1.0.2:40000");
});

test("without fork it serves one", () => {
  serve("TCP4-LISTEN:8080,reuseaddr PIPE");
  expect(ask("socat - TCP4:10.1.0.2:8080", "one").text).toBe("one");
  expect(ask("socat - TCP4:10.1.0.2:8080", "two").status).toBe(1);
});

test("UDP both ways", () => {
  serve("UDP-LISTEN:53,fork PIPE");
  expect(ask("socat -t1 - UDP:10.1.0.2:53,sourceport=5300", "dns").text).toBe("dns");
  expect(ask("socat -t1 - UDP:10.1.0.2:53,sourceport=5301", "more").text).toBe("more");
});

test("what is not modelled is refused by name", () => {
  expect(ask("socat - OPENSSL:10.1.0.2:443")).toMatchObject({
    status: 95,
    text: "flannelgraph: socat: the address OPENSSL is not modelled yet\n",
  });
});
