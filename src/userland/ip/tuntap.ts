import type { LinkInfo, TunOptions } from "../../kernel/uapi/index.ts";
import { fail, refuse } from "../args/exit.ts";
import { garbage, invalidArgument, matches, parseUnsigned, type Words } from "../args/words.ts";
import { strerror } from "../os/errno.ts";
import type { Ip } from "./context.ts";

/** `ip tuntap`. Models: ip/iptuntap.c. */

export const TUNTAP_USAGE = `Usage: ip tuntap { add | del | show | list | lst | help } [ dev PHYS_DEV ]
       [ mode { tun | tap } ] [ user USER ] [ group GROUP ]
       [ one_queue ] [ pi ] [ vnet_hdr ] [ multi_queue ] [ name NAME ]

Where: USER  := { STRING | NUMBER }
       GROUP := { STRING | NUMBER }
`;

interface TunWords {
  name?: string;
  mode?: TunOptions["mode"];
  user?: number;
  group?: number;
}

function readId(word: string, what: string): number {
  if (word === "root") return 0;
  return parseUnsigned(word) ?? fail(1, `invalid ${what} "${word}"\n`);
}

function readWords(words: Words): TunWords {
  const draft: TunWords = {};
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (matches(word, "mode")) {
      const mode = words.value();
      if (matches(mode, "tun")) draft.mode = "tun";
      else if (matches(mode, "tap")) draft.mode = "tap";
      else fail(255, `Unknown tunnel mode "${mode}"\n`);
    } else if (word === "user") draft.user = readId(words.value(), "user");
    else if (word === "group") draft.group = readId(words.value(), "group");
    else if (["pi", "one_queue", "vnet_hdr", "multi_queue"].includes(word)) refuse(`ip tuntap ... ${word}`);
    else {
      const name = matches(word, "dev") || word === "name" ? words.value() : word;
      if (draft.name !== undefined) garbage("name", name);
      if (name === "" || name.length > 15) invalidArgument('"name" not a valid ifname', name);
      draft.name = name;
    }
  }
  return draft;
}

function modeOf(draft: TunWords): TunOptions["mode"] {
  return draft.mode ?? fail(1, "You failed to specify a tunnel mode\n");
}

export function addTunTap(ip: Ip, words: Words): number {
  const draft = readWords(words);
  const { user, group } = draft;
  const options = {
    mode: modeOf(draft),
    ...(user !== undefined && { user }),
    ...(group !== undefined && { group }),
  };
  const made = ip.net.tun.create(draft.name, options);
  return made.ok ? 0 : fail(1, `ioctl(TUNSETIFF): ${strerror(made.error.errno)}\n`);
}

export function deleteTunTap(ip: Ip, words: Words): number {
  const draft = readWords(words);
  const mode = modeOf(draft);
  // Without a name the kernel makes a device, and takes it away again.
  const gone = draft.name === undefined ? { ok: true as const } : ip.net.tun.delete(draft.name, mode);
  return gone.ok ? 0 : fail(1, `ioctl(TUNSETIFF): ${strerror(gone.error.errno)}\n`);
}

export function showTunTaps(ip: Ip, words: Words): number {
  const draft = readWords(words);
  ip.out.begin();
  for (const link of ip.net.link.list()) {
    if (link.tun === undefined || (draft.name !== undefined && draft.name !== link.name)) continue;
    printTun(ip, link, link.tun);
  }
  return 0;
}

function printTun(ip: Ip, link: LinkInfo, tun: TunOptions): void {
  const { out } = ip;
  out.object(null, () => {
    const flags = [tun.mode, ...(tun.persist ? ["persist"] : [])];
    out.add("ifname", link.name, `${link.name}: `);
    out.add("flags", flags, flags.join(" "));
    if (tun.user !== undefined) out.add("user", tun.user, ` user ${tun.user}`);
    if (tun.group !== undefined) out.add("group", tun.group, ` group ${tun.group}`);
    out.say("\n");
  });
}
