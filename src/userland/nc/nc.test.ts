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
  ])("nc %s", (words, text, status) => {
    expect(send(words)).toMatchObject({ text, status });
  });

  test("ranges of ports rise", () => {
    expect(portList("5-3")).toEqual(["3", "4", "5"]);
    expect(portList("http")).toEqual(["80"]);
  });
});

/** The words and the order of things as netcat-openbsd 1.219 had them between two namespaces. */
describe("nc over TCP", () => {
  let console: Console;
  const heard: Ran[] = [];

  beforeEach(() => {
    heard.length = 0;
    console = new Console();
    console.setUp(`ns a b
      wire a eth0 02:00:00:00:01:01 b eth0 02:00:00:00:01:02
      ip -n a addr add 10.1.0.1/24 dev eth0
      ip -n b addr add 10.1.0.2/24 dev eth0`);
  });

  const listen = (words: string, input = "") => {
    const process = console.start(`ip netns exec b nc ${words}`, input, (ran) => heard.push(ran));
    console.run("true");
    return process;
  };
  const send = (words: string, input = "hello\n") => console.run(`ip netns exec a nc ${words}`, input);

  test("a closed port", () => {
    expect(send("-v 10.1.0.2 80")).toMatchObject({
      status: 1,
      text: "nc: connect to 10.1.0.2 port 80 (tcp) failed: Connection refused\n",
    });
    expect(send("10.1.0.2 80")).toMatchObject({ status: 1, text: "" });
    expect(send("-w2 -v 10.1.0.9 80").text).toBe(
      "nc: connect to 10.1.0.9 port 80 (tcp) timed out: Operation now in progress\n",
    );
    expect(send("-v 10.1.0.9 80").text).toBe(
      "nc: connect to 10.1.0.9 port 80 (tcp) failed: No route to host\n",
    );
    expect(send("-v 10.9.0.9 80").text).toBe(
      "nc: connect to 10.9.0.9 port 80 (tcp) failed: Network is unreachable\n",
    );
  });

  test("question and answer, both close", () => {
    listen("-nvl 5000", "answer\n");
    expect(send("-nvN -p 3333 10.1.0.2 5000")).toMatchObject({
      status: 0,
      text: "Connection to 10.1.0.2 5000 port [tcp/*] succeeded!\nanswer\n",
    });
    expect(heard).toMatchObject([
      { status: 0, text: "Listening on 0.0.0.0 5000\nConnection received on 10.1.0.1 3333\nhello\n" },
    ]);
    expect(send("10.1.0.2 5000").status).toBe(1);
  });

  test("-k serves one after the other; -z finds ports", () => {
    const listener = listen("-lk 80");
    expect(send("-N 10.1.0.2 80", "one\n").status).toBe(0);
    expect(send("-w1 10.1.0.2 80", "two\n").status).toBe(0);
    expect(send("-zv 10.1.0.2 79-81")).toMatchObject({
      status: 0,
      text:
        "nc: connect to 10.1.0.2 port 79 (tcp) failed: Connection refused\n" +
        "Connection to 10.1.0.2 80 port [tcp/http] succeeded!\n" +
        "nc: connect to 10.1.0.2 port 81 (tcp) failed: Connection refused\n",
    });
    listener.kill("TERM");
    expect(send("10.1.0.2 80").status).toBe(1);
  });

  test("much, both ways at once", () => {
    const big = "0123456789abcdef".repeat(20_000);
    listen("-l 5000", big);
    expect(send("-N 10.1.0.2 5000", big).stdout).toBe(big);
    expect(heard[0]?.stdout).toBe(big);
  });
});
