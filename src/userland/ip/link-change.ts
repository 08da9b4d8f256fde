import type { LinkChange, LinkInfo } from "../../kernel/uapi/index.ts";
import { fail, refuse } from "../args/exit.ts";
import type { Words } from "../args/words.ts";
import { done } from "../netlink/answer.ts";
import { device, type Ip } from "./context.ts";
import { FOREIGN_KINDS, LINK_KINDS } from "./kinds/index.ts";
import { changeOf, type LinkWords, readLinkWords } from "./link-words.ts";

/** `ip link add|set|del`. Models: ip/iplink.c iplink_modify. */

function noDevice(): never {
  fail(255, 'Not enough information: "dev" argument is required.\n');
}

export function addLink(ip: Ip, words: Words): number {
  const draft = readLinkWords(ip, words);
  if (draft.name !== undefined && draft.dev !== undefined)
    fail(255, 'both "name" and "dev" cannot be used when creating devices.\n');
  if (draft.type === undefined) fail(1, 'Not enough information: "type" argument is required\n');
  const parser = LINK_KINDS.get(draft.type);
  if (parser === undefined) {
    if (FOREIGN_KINDS.includes(draft.type)) refuse(`a device of type ${draft.type}`);
    if (words.left > 0) fail(1, `Garbage instead of arguments "${words.value()} ...". Try "ip link help".\n`);
    fail(2, "Error: Unknown device type.\n");
  }
  const target = draft.netns ?? ip.netns;
  const spec = parser.add(ip, draft, words, target);
  const net = target === ip.netns ? ip.net : ip.process.host.kernel.open(target, ip.net.actor);
  const index = done(net.link.add(spec));
  const { mac: _mac, mtu: _mtu, netns: _netns, ...rest } = changeOf(ip, draft);
  if (Object.keys(rest).length > 0) done(net.link.change(index, rest));
  return 0;
}

function typeChange(ip: Ip, draft: LinkWords, words: Words): LinkChange {
  if (draft.type === undefined || words.left === 0) return {};
  const parser = LINK_KINDS.get(draft.type);
  if (parser !== undefined) return parser.change(ip, words);
  if (FOREIGN_KINDS.includes(draft.type)) refuse(`a device of type ${draft.type}`);
  return fail(1, `Garbage instead of arguments "${words.value()} ...". Try "ip link help".\n`);
}

/** The devices that `set` and `del` are about: one by its name, or a group. */
function targets(ip: Ip, draft: LinkWords): readonly LinkInfo[] {
  const name = draft.dev ?? draft.name;
  if (name !== undefined) return [device(ip.net, name)];
  if (draft.group === undefined) noDevice();
  return ip.net.link.list().filter((link) => (link.group ?? 0) === draft.group);
}

export function setLink(ip: Ip, words: Words): number {
  const draft = readLinkWords(ip, words);
  const extra = typeChange(ip, draft, words);
  const byGroup = draft.dev === undefined && draft.name === undefined;
  const { group, ...rest } = changeOf(ip, draft);
  const rename = draft.dev !== undefined && draft.name !== undefined ? { name: draft.name } : {};
  const change: LinkChange = {
    ...rest,
    ...(byGroup || group === undefined ? {} : { group }),
    ...rename,
    ...extra,
  };
  for (const link of targets(ip, draft)) {
    if (Object.keys(change).length > 0) done(ip.net.link.change(link.index, change));
  }
  return 0;
}

export function deleteLink(ip: Ip, words: Words): number {
  const draft = readLinkWords(ip, words);
  for (const link of targets(ip, draft)) done(ip.net.link.delete(link.index));
  return 0;
}
