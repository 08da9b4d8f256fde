import { describe, expect, test } from "vitest";
import { runShell } from "../../testkit/shellWorld.ts";

/** Jobs and signals on virtual time: what happens, in which order, and when. */
describe("virtual time", () => {
  test("a command costs 2 ms, builtins and subshells nothing", () => {
    expect(runShell("true; echo; (true); x=$(echo)").seconds).toBe(0);
    expect(runShell("/bin/true; cat < /dev/null").seconds).toBeCloseTo(0.004, 9);
    expect(runShell("cat < /dev/null | cat | cat").seconds).toBeCloseTo(0.002, 9);
  });

  test("sleep costs its time, side by side in the background", () => {
    expect(runShell("sleep 60").seconds).toBeCloseTo(60.002, 6);
    expect(runShell("sleep 60 & sleep 60 & wait").seconds).toBeCloseTo(60.002, 6);
  });

  test("a job runs until it first waits, then beside the rest", () => {
    const script = "{ echo 1; sleep 0.2; echo 4; } & echo 2; sleep 0.1; echo 3; wait";
    expect(runShell(script).stdout).toBe("1\n2\n3\n4\n");
  });

  test("a loop that never waits lets time pass, so that others can end it", () => {
    const run = runShell("while :; do :; done & sleep 1; kill $!; wait $!; echo $?");
    expect(run.stdout).toBe("143\n");
    expect(runShell("timeout 2 bash -c 'while :; do :; done'; echo $?").stdout).toBe("124\n");
  });

  test("functions, variables, options and jobs persist from script to script", () => {
    const run = runShell(["f() { echo $x; }; x=1; set -u; sleep 1 &", "f; jobs; echo ${y}", "echo never"]);
    expect(run.stdout).toBe("1\n[1]+  Running                 sleep 1 &\n");
    expect(run.stderr).toBe("../s.sh: line 1: y: unbound variable\n");
    expect(run.status).toBe(1);
  });

  test("the EXIT trap runs once, after the last script", () => {
    expect(runShell(["trap 'echo bye $?' EXIT", "echo two; false"]).stdout).toBe("two\nbye 1\n");
    expect(runShell(["trap 'echo bye' EXIT; exit 4", "echo two"])).toMatchObject({
      stdout: "bye\n",
      status: 4,
    });
  });

  test("a trap waits for the foreground command; wait does not", () => {
    const script = "trap 'echo trapped' USR1; (sleep 1; kill -USR1 $$) & sleep 3; echo slept; SECONDS=0";
    expect(runShell(script).stdout).toBe("trapped\nslept\n");
    expect(
      runShell("trap 'echo t' USR1; (sleep 1; kill -USR1 $$) & sleep 9 & wait %2; echo $? $SECONDS").stdout,
    ).toBe("t\n138 1\n");
  });

  test("a pipe's reader that goes away ends the writer", () => {
    expect(runShell("yes | head -n 1; echo ${PIPESTATUS[0]}").stdout).toBe("y\n141\n");
  });

  test("what nothing will ever wake is no status", () => {
    expect(runShell("sleep infinity").status).toBeUndefined();
  });
});

describe("files", () => {
  test("/proc/sys is the kernel's, read and written", () => {
    const script =
      "cat /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv4/ip_forward; cat /proc/sys/net/ipv4/ip_forward; ls /proc/sys/net/ipv4";
    expect(runShell(script).stdout).toBe("0\n1\nconf\nip_forward\n");
    const bad = runShell("echo x > /proc/sys/net/ipv4/ip_forward; echo $?; echo 1 > /proc/sys/none");
    expect(bad.stdout).toBe("1\n");
    expect(bad.stderr).toBe(
      "../s.sh: line 1: echo: write error: Invalid argument\n../s.sh: line 1: /proc/sys/none: No such file or directory\n",
    );
  });

  test("the environment, the working directory and descriptors reach a program", () => {
    expect(runShell("A=1 bash -c 'echo $A $PWD >&3' 3>&1; cd /; bash -c pwd").stdout).toBe(
      "1 /tmp/flannelgraph-shell/w\n/\n",
    );
  });
});
