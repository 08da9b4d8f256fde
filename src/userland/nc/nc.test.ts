import { beforeEach, describe, expect, test } from "vitest";
import { Console, type Ran } from "../../testkit/console.ts";
import { portList } from "./options.ts";

/** Models: nc over UDP between two namespaces; the words are netcat-openbsd 1.219's. */
describe("nc over UDP", () => {
  let console: Console;
  let heard: Ran | undefined;

  beforeEach(() => {
    heard = undefined;
    console = new Console();
    console.setUp(`ns a b
      wire a eth0 02:00:00:00:01:01 b eth0 02:00:00:00:01:02
      ip -n a addr add 10.1.0.1/24 dev eth0
      ip -n b addr add 10.1.0.2/24 dev eth0`);
  });

  const listen = (words: string, input = "") =>
    console.start(`ip netns exec b nc ${words}`, input, (ran) => (heard = ran));
  const send = (words: string, input = "hello\n") => console.run(`ip netns exec a nc ${words}`, input);

  test("a closed port is silent and a success; -z -v finds it closed", () => {
    expect(send("-u -w1 10.1.0.2 5000")).toMatchObject({ status: 0, text: "" });
    expect(send("-u -z -v -w1 10.1.0.2 5000")).toMatchObject({ status: 1, text: "" });
  });

  test("a listener hears the first peer only, and answers it", () => {
    listen("-nvlu -w3 5000", "answer\n");
    expect(send("-u -w1 -p 4001 10.1.0.2 5000")).toMatchObject({ status: 0, text: "answer\n" });
    expect(send("-u -w1 -p 4002 10.1.0.2 5000", "second\n").text).toBe("");
    console.run("ip netns exec a ping -c5 127.0.0.1");
    expect(heard).toMatchObject({
      status: 0,
      stdout: "hello\n",
      text: "Bound on 0.0.0.0 5000\nConnection received on 10.1.0.1 4001\nhello\n",
    });
  });

  test("with -k it hears everybody", () => {
    const listener = listen("-luk 5000");
    send("-u -w1 10.1.0.2 5000", "one\n");
    send("-u -w1 10.1.0.2 5000", "two\n");
    listener.kill("TERM");
    expect(console.run("ip netns exec a nc -u -z -v 10.1.0.2 5000").status).toBe(1);
  });

  test("an open port is told by -z -v", () => {
    listen("-lu 5000");
    expect(send("-u -z -v -w1 10.1.0.2 5000", "")).toMatchObject({
      status: 0,
      text: "Connection to 10.1.0.2 5000 port [udp/*] succeeded!\n",
    });
  });

  test.each([
    ["-u -w1 10.1.0.2", "nc: missing port number\n", 1],
    ["-u -w1 10.1.0.2 foo", "nc: port number invalid: foo\n", 1],
    ["-u -w1 10.1.0.2 99999", "nc: port number too large: 99999\n", 1],
    ["-u -s 10.1.0.77 10.1.0.2 5", "nc: bind failed: Cannot assign requested address\n", 1],
    ["-lz 5", "nc: cannot use -z and -l\n", 1],
    ["-k 10.1.0.2 5", "nc: must use -l with -k\n", 1],
    ["-w foo -u 10.1.0.2 5", "nc: timeout invalid: foo\n", 1],
    ["-u -w1 10.9.0.1 5", "", 1],
    ["-u -w1 10.1.0.255 5", "", 1],
    ["-w1 10.1.0.2 5", "flannelgraph: TCP (nc without -u) is not modelled yet\n", 95],
  ])("nc %s", (words, text, status) => {
    expect(send(words)).toMatchObject({ text, status });
  });

  test("ranges of ports rise", () => {
    expect(portList("5-3")).toEqual(["3", "4", "5"]);
    expect(portList("http")).toEqual(["80"]);
  });
});
