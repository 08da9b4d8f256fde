import type { LinkInfo } from "../../kernel/uapi/index.ts";
import type { Task } from "../../sim/task.ts";
import { fail, program, refuse } from "../args/exit.ts";
import type { Process } from "../os/process.ts";

/** ethtool(8) 6.1: what a device says of itself, of its driver and of its statistics. */

const BAD_WORDS = "ethtool: bad command line argument(s)\nFor more information run ethtool -h\n";
const NOT_SUPPORTED = 71;
const NO_STATISTICS = 94;
const NO_DEVICE = 75;

const SILENT = `	Supported ports: [  ]
	Supported link modes:   Not reported
	Supported pause frame use: No
	Supports auto-negotiation: No
	Supported FEC modes: Not reported
	Advertised link modes:  Not reported
	Advertised pause frame use: No
	Advertised auto-negotiation: No
	Advertised FEC modes: Not reported
`;

/** What a driver says of a link; others than these are not modelled. */
const LINKS: Partial<Record<LinkInfo["kind"], string>> = {
  veth: `${SILENT}	Speed: 10000Mb/s
	Duplex: Full
	Auto-negotiation: off
	Port: Twisted Pair
	PHYAD: 0
	Transceiver: internal
	MDI-X: Unknown
`,
  bridge: `${SILENT}	Speed: Unknown!
	Duplex: Unknown! (255)
	Auto-negotiation: off
	Port: Other
	PHYAD: 0
	Transceiver: internal
`,
  vxlan: `${SILENT}	Speed: Unknown!
	Duplex: Unknown! (255)
	Auto-negotiation: off
	Port: Other
	PHYAD: 0
	Transceiver: internal
`,
  loopback: "",
};

/** ETHTOOL_GDRVINFO: version, and what stands where there is no firmware and no bus. */
const DRIVERS: Partial<Record<LinkInfo["kind"], readonly [version: string, none: string]>> = {
  veth: ["1.0", ""],
  bridge: ["2.3", "N/A"],
  vxlan: ["0.1", ""],
};

function device(process: Process, name: string): LinkInfo {
  const link = process.net.link.byName(name);
  if (link !== undefined) return link;
  return fail(1, "netlink error: no device matches name (offset 24)\nnetlink error: No such device\n");
}

function settings(process: Process, name: string): string {
  const link = process.net.link.byName(name);
  if (link === undefined) {
    // One request after the other fails.
    const each = "netlink error: no device matches name (offset 24)\nnetlink error: No such device\n";
    return fail(NO_DEVICE, `${each.repeat(5)}No data available\n`);
  }
  const text = LINKS[link.kind] ?? refuse(`ethtool on ${link.kind}`);
  return `Settings for ${name}:\n${text}	Link detected: ${link.lowerUp ? "yes" : "no"}\n`;
}

function driver(process: Process, name: string): string {
  const link = device(process, name);
  if (link.kind === "loopback")
    fail(NOT_SUPPORTED, "Cannot get driver information: Operation not supported\n");
  const [version, none] = DRIVERS[link.kind] ?? refuse(`ethtool -i on ${link.kind}`);
  return `driver: ${link.kind}
version: ${version}
firmware-version: ${none}
expansion-rom-version: 
bus-info: ${none}
supports-statistics: ${link.kind === "veth" ? "yes" : "no"}
supports-test: no
supports-eeprom-access: no
supports-register-dump: no
supports-priv-flags: no
`;
}

const QUEUE_STATISTICS = [
  "rx_queue_0_xdp_packets",
  "rx_queue_0_xdp_bytes",
  "rx_queue_0_drops",
  "rx_queue_0_xdp_redirect",
  "rx_queue_0_xdp_drops",
  "rx_queue_0_xdp_tx",
  "rx_queue_0_xdp_tx_errors",
  "tx_queue_0_xdp_xmit",
  "tx_queue_0_xdp_xmit_errors",
];

/** `peer_ifindex` is how people find the other end of a veth. */
function statistics(process: Process, name: string): string {
  const link = device(process, name);
  if (link.kind !== "veth") fail(NO_STATISTICS, "no stats available\n");
  const rows = [
    `peer_ifindex: ${link.peer?.index ?? 0}`,
    ...QUEUE_STATISTICS.map((counter) => `${counter}: 0`),
  ];
  return `NIC statistics:\n${rows.map((row) => `     ${row}\n`).join("")}`;
}

function* main(process: Process): Task<number> {
  const [word, name] = process.argv.slice(1);
  if (word === undefined) fail(1, BAD_WORDS);
  switch (word) {
    case "--version":
      yield* process.print("ethtool version 6.1\n");
      return 0;
    case "-h":
    case "--help":
      return refuse("ethtool -h");
    case "-i":
    case "--driver":
      yield* process.print(driver(process, name ?? fail(1, BAD_WORDS)));
      return 0;
    case "-S":
    case "--statistics":
      yield* process.print(statistics(process, name ?? fail(1, BAD_WORDS)));
      return 0;
    case "-P":
    case "--show-permaddr":
      device(process, name ?? fail(1, BAD_WORDS));
      yield* process.print("Permanent address: not set\n");
      return 0;
    default:
      if (/^-[aAcCdeEfgGIjJkKlLmnNpQrstTuUwWxXyYz]$/.test(word)) refuse(`ethtool ${word}`);
      if (word.startsWith("-")) fail(1, BAD_WORDS);
      yield* process.print(settings(process, word));
      return 0;
  }
}

export const ethtool = program(main);
