import type { Task } from "../../../sim/task.ts";
import type { Process } from "../../../userland/os/process.ts";
import type { Subcommand } from "./client.ts";
import { type FlagSet, parseFlags } from "./flags.ts";
import { templateError } from "./format.ts";
import { renderTemplate, type Value } from "./template.ts";
import { containerView, networkView } from "./views.ts";
import { refuse } from "../../../userland/args/exit.ts";

/** Objects as a JSON array, or each through a template; what was not found is told afterwards. */
export function* inspectObjects(
  process: Process,
  names: readonly string[],
  format: string | undefined,
  find: (name: string) => Value,
): Task<number> {
  const errors: string[] = [];
  const found: Value[] = [];
  for (const name of names) {
    const object = find(name);
    if (typeof object === "string") errors.push(object);
    else found.push(object);
  }
  if (format === undefined || format === "json") {
    const text = format === "json" ? JSON.stringify(found) : JSON.stringify(found, null, 4);
    yield* process.print(`${text}\n`);
  } else
    for (const object of found) {
      const text = renderTemplate(format.replaceAll("\\t", "\t").replaceAll("\\n", "\n"), object);
      yield* process.print(`${text.ok ? text.value : templateError(text.error)}\n`);
    }
  if (errors.length === 0) return 0;
  if (found.length === 0 && format !== undefined && format !== "json") yield* process.print("\n");
  yield* process.printError(errors.map((error) => `${error}\n`).join(""));
  return 1;
}

const FLAGS: FlagSet = {
  usage: "docker inspect [OPTIONS] NAME|ID [NAME|ID...]",
  values: ["format", "type"],
  short: { f: "format", s: "size" },
  refused: ["size"],
  minimum: 1,
};

export const inspect: Subcommand = (process, engine, argv) => {
  const flags = parseFlags(FLAGS, argv);
  const type = flags.value("type");
  if (type !== undefined && type !== "container" && type !== "network")
    refuse(`docker inspect --type ${type}`);
  return inspectObjects(process, flags.words, flags.value("format"), (name) => {
    const container = type === "network" ? undefined : engine.find(name);
    if (container !== undefined) return containerView(engine, container);
    const network = type === "container" ? undefined : engine.networks.find(name);
    if (network !== undefined) return networkView(engine, network);
    return type === "container"
      ? `Error response from daemon: No such container: ${name}`
      : `error: no such object: ${name}`;
  });
};
