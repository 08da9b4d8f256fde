import type { Process } from "../os/process.ts";

const OBJECTS = ["address", "link", "route", "rule", "neigh", "netns", "monitor", "tunnel", "tuntap"];
const VERBS: Readonly<Record<string, readonly string[]>> = {
  netns: ["add", "delete", "exec", "list", "set", "attach", "identify", "pids"],
  route: ["add", "append", "change", "delete", "flush", "get", "list", "replace", "show"],
};
const USUAL = ["add", "change", "delete", "flush", "list", "replace", "set", "show"];
/** Words that a device follows. */
const BEFORE_DEVICE = new Set(["dev", "iif", "oif", "master", "set", "peer"]);

/** What Tab offers after ip: namespaces, objects, verbs, devices. Models: iproute2's bash-completion, the common part. */
export function completeIp(process: Process, words: readonly string[]): readonly string[] | undefined {
  const before = words.slice(1, -1);
  const last = before.at(-1) ?? "";
  const namespaces = [...process.host.netnsNames.keys()];
  if (last === "-n" || last === "-netns") return namespaces;
  const at = before.findIndex(
    (word, i) => !word.startsWith("-") && !/^-n(?:etns)?$/.test(before[i - 1] ?? ""),
  );
  if (at < 0) return OBJECTS;
  const object = OBJECTS.find((name) => name.startsWith(before[at]!)) ?? "";
  const rest = before.slice(at + 1);
  if (rest.length === 0) return VERBS[object] ?? USUAL;
  if (object === "netns") return rest.length === 1 ? namespaces : [...process.host.programs.keys()];
  if (!BEFORE_DEVICE.has(last)) return ["dev", "via", "src", "up", "down", "mtu", "master", "type", "table"];
  const named = process.host.netnsNames.get(
    before[before.findIndex((word) => /^-n(?:etns)?$/.test(word)) + 1] ?? "",
  );
  const net = named === undefined ? process.net : process.host.kernel.open(named, { name: "ip" });
  return net.link.list().map(({ name }) => name);
}
