import * as v from "valibot";
import { utf8Decode } from "../../../base/utf8.ts";
import { fail, refuse } from "../../../userland/args/exit.ts";
import type { Process } from "../../../userland/os/process.ts";
import { parsePrefix } from "../../../wire/address.ts";
import type { DaemonOptions } from "../../docker/types.ts";

/** What the daemon is started with: /etc/docker/daemon.json (dockerd(8)), and which generation of Docker it is. */

const FILE = "/etc/docker/daemon.json";

const CONFIG = v.strictObject({
  bip: v.optional(v.string()),
  icc: v.optional(v.boolean()),
  "ip-masq": v.optional(v.boolean()),
  mtu: v.optional(v.number()),
  "userland-proxy": v.optional(v.boolean()),
});

/** A version of the environment's FLANNELGRAPH_DOCKER: 29, or 20.10 with the rules and MAC addresses of then. */
function generationOf(process: Process, version: string): DaemonOptions["generation"] {
  const asked = process.env.get("FLANNELGRAPH_DOCKER") ?? version;
  if (asked === "" || /^29(\.|$)/.test(asked)) return "current";
  return /^20\.10(\.|$)/.test(asked) ? "classic" : refuse(`Docker ${asked}`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return fail(1, `unable to configure the Docker daemon with file ${FILE}: invalid JSON\n`);
  }
}

export function daemonOptions(process: Process, version = ""): Partial<DaemonOptions> {
  const generation = generationOf(process, version);
  const bytes = process.host.fs.read(FILE);
  if (!bytes.ok) return { generation };
  const config = v.safeParse(CONFIG, parse(utf8Decode(bytes.value)));
  if (!config.success) {
    const key = config.issues[0].path?.map((item) => String(item.key)).join(".") ?? "";
    return refuse(`${FILE}: ${key === "" ? "anything but an object" : key}`);
  }
  const { bip, icc, mtu, "ip-masq": masquerade, "userland-proxy": userlandProxy } = config.output;
  const prefix = bip === undefined ? undefined : parsePrefix(bip);
  if (bip !== undefined && prefix === undefined)
    fail(1, `failed to start daemon: Error initializing network controller: invalid CIDR address: ${bip}\n`);
  return {
    generation,
    ...(prefix === undefined ? {} : { bip: prefix }),
    ...(icc === undefined ? {} : { icc }),
    ...(mtu === undefined ? {} : { mtu }),
    ...(masquerade === undefined ? {} : { masquerade }),
    ...(userlandProxy === undefined ? {} : { userlandProxy }),
  };
}
