import type { Task } from "../../../sim/task.ts";
import type { Program } from "../../../userland/os/process.ts";
import { askControl } from "./control.ts";
import { BIRD_VERSION } from "./commands.ts";

/** `birdcl [-s SOCKET] COMMAND`: one command to the daemon. Its conversation without a command is not modelled. */
export const birdcl: Program = function* (process): Task<number> {
  const words = process.argv.slice(1);
  let socket = "/var/run/calico/bird.ctl";
  const command: string[] = [];
  for (let i = 0; i < words.length; i++) {
    if (words[i] === "-s") socket = words[++i] ?? socket;
    else if (words[i] !== "-r" && words[i] !== "-v") command.push(words[i] ?? "");
  }
  if (command.length === 0) {
    yield* process.printError("flannelgraph: birdcl without a command is not modelled yet\n");
    return 95;
  }
  const got = askControl(process.host, socket, command.join(" "));
  if (typeof got === "string") {
    yield* process.printError(`Unable to connect to server control socket (${socket}): ${got}\n`);
    return 1;
  }
  yield* process.print(`BIRD ${BIRD_VERSION} ready.\n${got.text}`);
  return 0;
};
