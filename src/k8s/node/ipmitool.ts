import { program, refuse } from "../../userland/args/exit.ts";
import type { Program } from "../../userland/os/process.ts";

/** What a machine's power button is to ipmitool. */
export interface PowerButton {
  readonly isOn: boolean;
  off(): void;
  on(): void;
}

/** Options with a value that say how to come to the controller: the machine's name is enough here. */
const WITH_VALUE = new Set(["-H", "-I", "-U", "-P", "-L", "-p"]);

/**
 * `ipmitool -H MACHINE chassis power on|off|cycle|status`: what its baseboard controller does to a machine's power, whatever
 * the machine itself is doing. Departure: every node has such a controller, under its own name, and asks no password.
 */
export function ipmitool(
  machine: (name: string) => PowerButton | undefined,
  names: () => readonly string[],
): Program {
  const main = program(function* (process) {
    const words = process.argv.slice(1);
    const options = new Map<string, string>();
    while (words[0]?.startsWith("-") === true) {
      const option = words.shift()!;
      if (!WITH_VALUE.has(option)) refuse(`ipmitool's option ${option}`);
      options.set(option, words.shift() ?? "");
    }
    if (words[0] === "chassis") words.shift();
    const [what, action = ""] = words;
    if (what !== "power") refuse(`ipmitool ${what ?? ""}`.trim());
    const host = options.get("-H");
    if (host === undefined) {
      yield* process.printError(
        "Could not open device at /dev/ipmi0 or /dev/ipmi/0 or /dev/ipmidev/0: No such file or directory\n",
      );
      return 1;
    }
    const button = machine(host);
    if (button === undefined) {
      yield* process.printError(
        `Address lookup for ${host} failed\nError: Unable to establish IPMI v2 / RMCP+ session\n`,
      );
      return 1;
    }
    return yield* press(button, action, (text) => process.print(`${text}\n`));
  });
  return Object.assign(main, {
    complete: () => ["-H", "chassis", "power", "on", "off", "cycle", "status", ...names()],
  });
}

function* press(
  button: PowerButton,
  action: string,
  say: (text: string) => ReturnType<Parameters<Program>[0]["print"]>,
): ReturnType<Program> {
  switch (action) {
    case "status":
      yield* say(`Chassis Power is ${button.isOn ? "on" : "off"}`);
      return 0;
    case "on":
      button.on();
      yield* say("Chassis Power Control: Up/On");
      return 0;
    case "off":
      button.off();
      yield* say("Chassis Power Control: Down/Off");
      return 0;
    case "cycle":
      if (!button.isOn) {
        yield* say("Set Chassis Power Control to Cycle failed: Command not supported in present state");
        return 1;
      }
      button.off();
      button.on();
      yield* say("Chassis Power Control: Cycle");
      return 0;
    default:
      return refuse(`ipmitool chassis power ${action}`.trim());
  }
}
