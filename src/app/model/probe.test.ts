import { describe, expect, it } from "vitest";
import { type Probe, probeCommand } from "./probe.ts";

const command = (probe: Probe, target: string): string | undefined =>
  probeCommand(probe, target, [])?.command;

describe("what is typed for a probe", () => {
  it("to an address of either IP, with a port and a path where they are wanted", () => {
    expect(command("ping", "10.0.0.2")).toBe("ping -c1 -W1 10.0.0.2");
    expect(command("ping", "fd00::2")).toBe("ping -c1 -W1 fd00::2");
    expect(command("tcp", "[fd00::2]:8080")).toBe("nc -z -w2 fd00::2 8080");
    expect(command("http", "http://[fd00::2]:8080/health")).toContain("http://[fd00::2]:8080/health");
    expect(command("http", "fd00::2")).toContain("http://[fd00::2]/");
    expect(command("dns", "fd00::2")).toContain("-x fd00::2");
    expect(command("traceroute", "2001:db8::1")).toContain("2001:db8::1");
  });

  it("nothing that a shell would read as more than a word, and nothing that is no address", () => {
    for (const text of [
      "",
      "a b",
      "$(reboot)",
      "fd00::2;ls",
      "[fd00::2",
      "[fd00::2]x",
      "::::",
      "web:http",
      "-f",
    ])
      expect(command("ping", text), text).toBeUndefined();
  });
});
