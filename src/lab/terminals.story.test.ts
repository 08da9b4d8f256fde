import { expect, test } from "vitest";
import { KEYS, TerminalWorld } from "../testkit/terminal-world.ts";

test("a shell greets, runs what is typed and keeps directory, variables and functions", () => {
  const t = new TerminalWorld();
  expect(t.screen.text()).toBe("root@flannelgraph:~#");
  t.run('cd /tmp; x=5; f() { echo "f $1 $x"; }').run("f one").run("pwd");
  expect(t.screen.text().split("\n").slice(1)).toEqual([
    "root@flannelgraph:/tmp# f one",
    "f one 5",
    "root@flannelgraph:/tmp# pwd",
    "/tmp",
    "root@flannelgraph:/tmp#",
  ]);
});

test("a line is edited with the keys of readline, and comes back with the arrow up", () => {
  const t = new TerminalWorld();
  t.type("eco hello", KEYS.home, KEYS.right, KEYS.right, "h");
  expect(t.lines(1)).toBe("root@flannelgraph:~# echo hello");
  t.run("").type(KEYS.up, KEYS.wordLeft, "oh ");
  expect(t.lines(2)).toBe("hello\nroot@flannelgraph:~# echo oh hello");
  t.type("\x15\x0b");
  expect(t.lines(1)).toBe("root@flannelgraph:~#");
});

test("^C ends what runs and gives up the rest of the line; ping tells what it counted", () => {
  const t = new TerminalWorld();
  t.type("ping 127.0.0.1; echo then", KEYS.enter).pass(2.5);
  expect(t.busy).toBe(true);
  expect(t.screen.text()).toMatch(/icmp_seq=3 ttl=64 time=\S+ ms$/);
  t.type(KEYS.interrupt).settle();
  expect(t.screen.text()).toMatch(
    /\^C\n--- 127\.0\.0\.1 ping statistics ---\n3 packets transmitted, 3 received.*\n.*\nthen\n.*# *$/,
  );
  t.type("sleep 100; echo never", KEYS.enter).pass(1).type(KEYS.interrupt).settle().run("echo $?");
  expect(t.lines(4)).toBe("^C\nroot@flannelgraph:~# echo $?\n130\nroot@flannelgraph:~#");
  t.type("while true; do :; done", KEYS.enter).pass(0.2).type(KEYS.interrupt).settle();
  expect(t.lines(2)).toBe("^C\nroot@flannelgraph:~#");
});

test("a command goes on over lines until it is whole; ^C at the prompt drops it", () => {
  const t = new TerminalWorld();
  t.run("for i in 1 2").run("do echo $i").run("done").run("cat <<END").run("text").run("END");
  expect(t.screen.text().split("\n").slice(1)).toEqual([
    "> do echo $i",
    "> done",
    "1",
    "2",
    "root@flannelgraph:~# cat <<END",
    "> text",
    "> END",
    "text",
    "root@flannelgraph:~#",
  ]);
  t.run("echo 'open").type(KEYS.interrupt).settle();
  expect(t.lines(2)).toBe("> ^C\nroot@flannelgraph:~#");
});

test("a program reads lines from the keyboard, which the terminal itself edits and echoes", () => {
  const t = new TerminalWorld();
  t.type("cat", KEYS.enter).pass(1).type("helo", KEYS.erase, "lo", KEYS.enter).pass(1);
  expect(t.lines(2)).toBe("hello\nhello");
  t.type(KEYS.eof).settle();
  expect(t.lines(1)).toBe("root@flannelgraph:~#");
  t.type("read -p 'who? ' name", KEYS.enter).pass(1).type("me", KEYS.enter).settle().run("echo $name");
  expect(t.lines(4)).toBe("who? me\nroot@flannelgraph:~# echo $name\nme\nroot@flannelgraph:~#");
});

test("Tab completes commands, files and variables, and lists what there is when it is pressed twice", () => {
  const t = new TerminalWorld();
  t.run("mkdir /tmp/alpha; touch /tmp/alpha/one /tmp/alpine");
  t.type("hostn", KEYS.tab);
  expect(t.lines(1)).toBe("root@flannelgraph:~# hostname");
  t.type("\x15ls /tmp/al", KEYS.tab, KEYS.tab, KEYS.tab);
  expect(t.lines(2)).toBe("alpha/  alpine\nroot@flannelgraph:~# ls /tmp/alp");
  t.type("h", KEYS.tab, KEYS.tab).settle();
  expect(t.lines(1)).toBe("root@flannelgraph:~# ls /tmp/alpha/one");
});

test("jobs are told of, as they start and before the prompt after their end", () => {
  const t = new TerminalWorld();
  t.type("sleep 2 &", KEYS.enter).pass(0.1);
  expect(t.lines(2)).toMatch(/^\[1\] \d+\nroot@flannelgraph:~#$/);
  expect(t.busy).toBe(true);
  t.pass(3).run("");
  expect(t.lines(2)).toBe("[1]+  Done                    sleep 2\nroot@flannelgraph:~#");
  expect(t.busy).toBe(false);
});

test("a command names its packets' senders, and where they are in the trace", () => {
  const t = new TerminalWorld({ script: "ip netns add a; ip -n a link set lo up" });
  t.run("ip netns exec a ping -c1 127.0.0.1");
  const number = t.events.findLast((event) => event.kind === "command")?.number;
  const programs = t.events.flatMap((event) =>
    event.kind === "program" && event.number === number ? [event.program] : [],
  );
  expect(programs).toEqual(["ip", "ping"]);
  const { from } = t.events.findLast((event) => event.kind === "command")!;
  const { to, status } = t.events.findLast((event) => event.kind === "result")!;
  expect(status).toBe(0);
  expect(to).toBeGreaterThan(from);
});

test("a shell in a namespace, and its end", () => {
  const t = new TerminalWorld();
  t.run("ip netns add a").run("ip netns exec a bash").run("ip link show");
  expect(t.screen.text()).toMatch(/# ip link show\n1: lo: <LOOPBACK> mtu 65536/);
  t.type(KEYS.eof).settle();
  expect(t.lines(2)).toBe("root@flannelgraph:~# exit\nroot@flannelgraph:~#");
  t.type(KEYS.eof).settle();
  expect(t.events.at(-1)).toEqual({ kind: "ended", status: 0 });
});

test("ls fills columns on a terminal, and not in a pipe; history is told", () => {
  const t = new TerminalWorld({ columns: 40 });
  t.run("mkdir /tmp/d; cd /tmp/d; touch one two three").run("ls").run("ls | cat").run("history 2");
  expect(t.screen.text().split("\n").slice(-10)).toEqual([
    "root@flannelgraph:/tmp/d# ls",
    "one  three  two",
    "root@flannelgraph:/tmp/d# ls | cat",
    "one",
    "three",
    "two",
    "root@flannelgraph:/tmp/d# history 2",
    "    3  ls | cat",
    "    4  history 2",
    "root@flannelgraph:/tmp/d#",
  ]);
});

test("a long line wraps and is edited across the wrap; the window changes its width", () => {
  const t = new TerminalWorld({ columns: 40 });
  t.type("echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", KEYS.home, KEYS.right, "X");
  expect(t.screen.text()).toBe("root@flannelgraph:~# eXcho aaaaaaaaaaaaa\naaaaaaaaaaaaaaaaaaaaaaa");
  t.type(KEYS.end, "!");
  expect(t.lines(1)).toBe("aaaaaaaaaaaaaaaaaaaaaaa!");
});

test("the same keys at the same moments give the same trace, byte for byte", () => {
  const trace = (): object => {
    const t = new TerminalWorld();
    t.run("ip netns add a").type("ping 127.0.0.1", KEYS.enter).pass(1.5).type(KEYS.interrupt).pass(0.3);
    t.run("for i in 1 2; do curl -s http://127.0.0.1/; done");
    const { words, times, bytes, texts } = t.world.trace!.take();
    return { words, times, bytes, texts };
  };
  expect(trace()).toEqual(trace());
});
