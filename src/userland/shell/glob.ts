import { listDirectory, statFile } from "../os/files.ts";
import { hasWildcard, matchPattern, unescapePattern } from "./pattern.ts";
import type { Shell } from "./shell.ts";

/** The files that a pattern matches, sorted; none when nothing does. */
export function expandPaths(shell: Shell, pattern: string): string[] {
  const absolute = pattern.startsWith("/");
  const parts = pattern.split("/").filter((part, i) => part !== "" || i > 0);
  const directories = parts[parts.length - 1] === "";
  let found: string[] = [absolute ? "/" : ""];
  const names = parts.filter((part) => part !== "");
  for (const [i, part] of names.entries()) {
    const last = i === names.length - 1;
    found = found.flatMap((base) => matches(shell, base, part, !last || directories));
    if (found.length === 0) return [];
    if (!last || directories) found = found.map((path) => `${path}/`);
  }
  return found.sort();
}

function matches(shell: Shell, base: string, part: string, directory: boolean): string[] {
  const { process } = shell;
  const fits = (path: string): boolean => {
    const stat = statFile(process, path);
    return stat !== undefined && (!directory || stat.kind === "directory");
  };
  if (!hasWildcard(part)) {
    const path = base + unescapePattern(part);
    return fits(path) ? [path] : [];
  }
  const list = listDirectory(process, base === "" ? "." : base);
  if (!list.ok) return [];
  const hidden = part.startsWith(".") || shell.options.shopt("dotglob");
  const out: string[] = [];
  for (const name of list.value) {
    if (name.startsWith(".") && !hidden) continue;
    if (matchPattern(part, name, { path: true }) && fits(base + name)) out.push(base + name);
  }
  return out;
}
