import { utf8Decode } from "../../../base/utf8.ts";
import { programAt } from "../../os/exec.ts";
import { listDirectory, statFile } from "../../os/files.ts";
import { isExecutable } from "../../os/fs.ts";
import type { Completions } from "../../readline/editor.ts";
import { characters } from "../../readline/width.ts";
import { BUILTINS } from "../builtins/index.ts";
import type { Shell } from "../shell.ts";

/** Words after which the next one is a command again. */
const PREFIXES = new Set([
  "sudo",
  "env",
  "time",
  "nohup",
  "exec",
  "command",
  "if",
  "while",
  "until",
  "then",
  "do",
  "else",
  "!",
  "{",
]);
const SEPARATOR = /^(?:\|\|?|&&?|;|\(|\||\$\()$/;

/** The words of the command that the cursor stands in; the last one is the one to be completed. */
function currentWords(before: string): readonly string[] {
  const tokens = before.match(/(?:[^\s|&;()"'\\]|\\.|"[^"]*"?|'[^']*'?)+|\|\|?|&&?|[;()]|\s+/g) ?? [];
  let words: string[] = [];
  let open = "";
  for (const token of tokens) {
    if (/^\s/.test(token)) {
      if (open !== "") words.push(open);
      open = "";
    } else if (SEPARATOR.test(token)) {
      words = [];
      open = "";
    } else open = token;
  }
  words.push(open);
  while (words.length > 1 && (PREFIXES.has(words[0]!) || /^\w+=/.test(words[0]!))) words.shift();
  return words;
}

/** Names that could stand where a command does. */
function commands(shell: Shell, start: string): readonly string[] {
  const names = new Set([...BUILTINS.keys(), ...shell.functions.keys(), ...shell.host.programs.keys()]);
  for (const word of ["if", "for", "while", "until", "case", "function", "then", "else", "done"])
    names.add(word);
  return [...names].filter((name) => name.startsWith(start)).toSorted();
}

/** Paths that begin so; directories with their slash. */
function paths(shell: Shell, start: string): readonly string[] {
  const home = shell.variables.text("HOME") ?? "/root";
  const cut = start.lastIndexOf("/") + 1;
  const folder = start.slice(0, cut);
  const name = start.slice(cut);
  const real = folder.replace(/^~(?=\/)/, home);
  const listed = listDirectory(shell.process, real === "" ? "." : real);
  if (!listed.ok) return [];
  return listed.value
    .filter((entry) => entry.startsWith(name) && (name !== "" || !entry.startsWith(".")))
    .map((entry) => {
      const isFolder = statFile(shell.process, `${real}${entry}`)?.kind === "directory";
      return `${folder}${entry}${isFolder ? "/" : ""}`;
    });
}

function variables(shell: Shell, start: string): readonly string[] {
  return [...shell.variables.environment().keys()]
    .filter((name) => name.startsWith(start.slice(1)))
    .map((name) => `$${name}`);
}

/** Commands whose argument is mostly a host. */
const TO_HOSTS = new Set(
  "ping curl nc wget telnet traceroute tracepath dig host nslookup getent arping".split(" "),
);

/** The names in /etc/hosts. */
function knownHosts(shell: Shell): readonly string[] {
  const bytes = shell.host.fs.read("/etc/hosts");
  if (!bytes.ok) return [];
  const lines = utf8Decode(bytes.value).split("\n");
  return lines.flatMap((line) => line.replace(/#.*/, "").split(/\s+/).slice(1)).filter((name) => name !== "");
}

function programNamed(shell: Shell, name: string): ReturnType<typeof programAt> {
  return name.includes("/") ? programAt(shell.host, name) : shell.host.programs.get(name);
}

function candidates(shell: Shell, words: readonly string[]): readonly string[] {
  const current = words.at(-1) ?? "";
  if (current.startsWith("$")) return variables(shell, current);
  if (words.length === 1 && !current.includes("/")) return commands(shell, current);
  if (words.length === 1)
    return paths(shell, current).filter((path) => {
      const stat = statFile(shell.process, path);
      return path.endsWith("/") || (stat !== undefined && isExecutable(stat));
    });
  if (TO_HOSTS.has(words[0]!) && !current.includes("/")) {
    const hosts = knownHosts(shell).filter((name) => name.startsWith(current));
    if (hosts.length > 0) return hosts;
  }
  const offered = programNamed(shell, words[0]!)?.complete?.(shell.process, words);
  const fitting = offered?.filter((word) => word.startsWith(current)) ?? [];
  return fitting.length > 0 ? [...new Set(fitting)].toSorted() : paths(shell, current);
}

/** What Tab offers at the end of `before`: commands, files, variables, and what a program knows about its own arguments. */
export function complete(shell: Shell, before: string): Completions {
  const words = currentWords(before);
  const current = words.at(-1) ?? "";
  if (/["'\\]/.test(current)) return { length: 0, words: [] };
  return {
    length: characters(current).length,
    words: candidates(shell, words).map((text) => ({
      text: /[/=]$/.test(text) ? text : `${text} `,
      shown: text.replace(/^.*\/(?=.)/, ""),
    })),
  };
}
