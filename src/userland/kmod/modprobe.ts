import type { Task } from "../../sim/task.ts";
import { program, refuse } from "../args/exit.ts";
import type { Process } from "../os/process.ts";
import { getOptions } from "../text/getopt.ts";

/** What this kernel can do, by the names of the modules that bring it elsewhere; all of it is there from the start. */
const PRESENT = new Set(
  (
    "8021q br_netfilter bridge dummy esp4 ip_gre ip_set ip_tables ip6_tables ipip ipvlan macvlan nf_conntrack " +
    "nf_conntrack_ipv4 nf_defrag_ipv4 nf_nat nf_tables nfnetlink nfnetlink_queue overlay sch_netem sch_tbf stp " +
    "tun veth vxlan wireguard x_tables xfrm_user"
  ).split(" "),
);
const FAMILIES = /^(ip_vs|ip_set|ip6?table|xt|nft|ipt|ip6t)_\w+$|^ip_vs$/;

/**
 * modprobe(8) of kmod 30. A module that gives every namespace a device of its own (tunl0 of ipip) does so; of the others
 * nothing is to be seen. Parameters, removing and lists are refused.
 */
function* main(process: Process): Task<number> {
  const options = yield* getOptions(process, {
    short: "abfinqrsvDC:d:S:",
    long: { all: "a", quiet: "q", verbose: "v", remove: "r", "dry-run": "n", "first-time": "first-time" },
    status: 1,
  });
  if (typeof options === "number") return options;
  const { operands } = options;
  const refused = options.list.map(([name]) => name).find((name) => !"aqvsfibn".includes(name));
  if (refused !== undefined) refuse(`modprobe -${refused}`);
  if (operands.length === 0) {
    yield* process.printError("modprobe: ERROR: missing parameters. See -h.\n");
    return 1;
  }
  const names = options.has("a") ? operands : operands.slice(0, 1);
  if (names.length < operands.length) refuse(`modprobe ${operands.join(" ")}: a module's parameters`);
  for (const name of names) {
    const module = name.replaceAll("-", "_");
    if (!PRESENT.has(module) && !FAMILIES.test(module)) refuse(`the kernel module ${name}`);
    if (!options.has("n")) process.host.kernel.loadModule(module);
  }
  return 0;
}

export const modprobe = program(main);
