import { fail } from "../../../userland/args/exit.ts";
import type { Task } from "../../../sim/task.ts";
import type { Process } from "../../../userland/os/process.ts";
import type { DockerEngine } from "../../docker/engine.ts";
import type { DockerContainer, DockerNetwork } from "../../docker/types.ts";

/** A command of docker: the words after its name. */
export type Subcommand = (process: Process, engine: DockerEngine, argv: readonly string[]) => Task<number>;

export function daemonError(message: string): string {
  return `Error response from daemon: ${message}`;
}

export function containerOrFail(engine: DockerEngine, reference: string): DockerContainer {
  return engine.find(reference) ?? fail(1, `${daemonError(`No such container: ${reference}`)}\n`);
}

export function networkOrFail(engine: DockerEngine, reference: string): DockerNetwork {
  return engine.networks.find(reference) ?? fail(1, `${daemonError(`network ${reference} not found`)}\n`);
}

/**
 * A command for several containers: what each leaves is told as it comes, and the errors at the end.
 * `act` answers the message of what went wrong.
 */
export function* forEach(
  process: Process,
  names: readonly string[],
  act: (name: string) => Task<string | undefined>,
): Task<number> {
  const errors: string[] = [];
  for (const name of names) {
    const error = yield* act(name);
    if (error === undefined) yield* process.print(`${name}\n`);
    else errors.push(daemonError(error));
  }
  if (errors.length === 0) return 0;
  yield* process.printError(errors.map((error) => `${error}\n`).join(""));
  return 1;
}
