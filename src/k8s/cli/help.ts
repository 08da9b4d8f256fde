import type { FlagSpec } from "./flags.ts";
import type { Command } from "./session.ts";

function flagLine({ name, short, kind }: FlagSpec): string {
  const lead = short === undefined ? "    " : `-${short}, `;
  const value = kind === "flag" ? "=false" : kind === "list" ? "=[]" : "=''";
  return `    ${lead}--${name}${value}\n`;
}

/** Shorter than the original: the flags that this kubectl has. */
export function commandHelp(command: Command): string {
  return `${command.short}.\n\nOptions:\n${command.flags.map(flagLine).join("")}\nUsage:\n  kubectl ${command.use} [options]\n`;
}

export function mainHelp(commands: readonly Command[]): string {
  return `kubectl controls the Kubernetes cluster manager.

Commands that are modelled here:
${commands.map(({ name, short }) => `  ${name.padEnd(15)} ${short}\n`).join("")}
Usage:
  kubectl [flags] [options]

Use "kubectl <command> --help" for more information about a given command.
`;
}
