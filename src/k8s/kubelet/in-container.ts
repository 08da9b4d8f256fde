import { utf8Decode, utf8Encode } from "../../base/utf8.ts";
import { concat } from "../../base/bytes.ts";
import { findProgram, startErrorText } from "../../container/runtime/command.ts";
import { isBaseImage } from "../../container/runtime/images.ts";
import type { RuntimeContainer } from "../../container/runtime/types.ts";
import { sleep, type Task } from "../../sim/task.ts";
import { millis, type Nanos } from "../../sim/time.ts";
import { NULL_FILE, sinkFile } from "../../userland/os/io.ts";
import { Process } from "../../userland/os/process.ts";
import type { KubeletContext } from "./context.ts";

/** How a command ended that the kubelet ran in a container (ExecSync). */
export type Executed =
  | { readonly kind: "ended"; readonly status: number; readonly output: string }
  | { readonly kind: "timeout" }
  /** The runtime could not start it. */
  | { readonly kind: "error"; readonly text: string }
  /** It runs something that the product does not know. */
  | { readonly kind: "unmodelled"; readonly what: string };

/** What commands of the product say for what they do not know, and a shell for a command that is not there. */
const NOT_MODELLED = 95;
const NOT_FOUND = 127;
/** What of a command's output a message keeps. Models: k8s pkg/probe/exec maxReadLength. */
const MAX_OUTPUT = 10_240;

/** Runs `argv` in a container and waits for it, at most until `deadline`. */
export function* runInContainer(
  context: KubeletContext,
  container: RuntimeContainer,
  argv: readonly string[],
  deadline: Nanos,
): Task<Executed> {
  const { queue } = context.host;
  const image = context.runtime.imageOf(container.config.image);
  const isUnknown = image === undefined && !isBaseImage(container.config.image);
  const found = findProgram(container.host, image, argv, container.config.workingDir);
  if (!found.ok) {
    if (isUnknown && found.error === "missing") return { kind: "unmodelled", what: argv[0] ?? "" };
    return { kind: "error", text: startErrorText(argv[0] ?? "", found.error) };
  }
  const parts: Uint8Array[] = [];
  const sink = sinkFile((bytes) => void parts.push(bytes));
  const process = Process.spawn(container.host, found.value.program, {
    argv: found.value.argv,
    env: context.runtime.environment(container),
    cwd: container.config.workingDir,
    netns: container.sandbox.netns,
    files: new Map([
      [0, NULL_FILE],
      [1, sink],
      [2, sink],
    ]),
  });
  while (process.alive && queue.now < deadline) yield* sleep(millis(10));
  if (process.alive) {
    process.kill("KILL");
    return { kind: "timeout" };
  }
  const { status = 0 } = process;
  const output = utf8Decode(concat(parts).subarray(0, MAX_OUTPUT));
  // A shell that misses a command of an image that nobody knows.
  const misses =
    isUnknown && (status === NOT_FOUND || (status !== 0 && output.includes(": command not found")));
  if (misses || status === NOT_MODELLED) return { kind: "unmodelled", what: argv.join(" ") };
  return { kind: "ended", status, output };
}

/** Says in the container's log what was not run and what it is taken for. */
export function* sayTaken(container: RuntimeContainer, what: string, as: string): Task<void> {
  yield* container.log.stdout.write(utf8Encode(`flannelgraph: ${what} is not modelled; ${as}\n`));
}
