import { err, ok, type Result } from "../../base/result.ts";

type What = "namespace" | "bridge" | "machine";

/** How commands name each: what stands before the name. Words are those of ip(8), bridge(8), tc(8), brctl(8), iptables(8), ssh(1). */
const BEFORE: Readonly<Record<What, readonly RegExp[]>> = {
  namespace: [
    /\bip netns (?:add|del|delete|exec|set|attach|pids|identify) $/,
    /\b(?:ip|bridge|tc)(?: -[\w-]+)* -n(?:etns)? $/,
    /\bnetns $/,
    /\/run\/netns\/$/,
  ],
  bridge: [
    /\blink add (?:name |dev )?$/,
    /\blink (?:set|del|delete|show) (?:dev )?$/,
    /\b(?:dev|master|via dev|br) $/,
    /\bbrctl (?:addbr|delbr|addif|delif|show|showmacs|stp|setfd) $/,
    /\s-[io] $/,
    /\bnet[./]ipv[46][./](?:conf|neigh)[./]$/,
  ],
  machine: [/\bssh (?:-\S+ )*(?:\w+@)?$/, /\b(?:ping|curl|nslookup|dig|host|traceroute)\b[^\n;|&]*[ /@]$/],
};

function escaped(text: string): string {
  return text.replace(/[^\w-]/g, "\\$&");
}

/**
 * A script in which a namespace, a bridge or a machine has another name. Where it is named in a way that is not known, the
 * script is left as it is and that line is the answer: a word that only looks like the name must not change. Machines are
 * named in scripts seldom and by words of every kind: what is not known as theirs stays.
 */
export function renameInScript(text: string, what: What, from: string, to: string): Result<string, string> {
  const word = new RegExp(`(?<![\\w.-])${escaped(from)}(?![\\w-])`, "g");
  const lines: string[] = [];
  for (const line of text.split("\n")) {
    if (/^\s*#/.test(line)) {
      lines.push(line.replace(word, to));
      continue;
    }
    const isKnown = (at: number): boolean => BEFORE[what].some((pattern) => pattern.test(line.slice(0, at)));
    const found = [...line.matchAll(word)].map(({ index }) => index);
    if (what !== "machine" && !found.every(isKnown)) return err(line.trim());
    lines.push(line.replace(word, (name: string, at: number) => (isKnown(at) ? to : name)));
  }
  return ok(lines.join("\n"));
}
