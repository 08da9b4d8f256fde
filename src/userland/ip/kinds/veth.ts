import { fail } from "../../args/exit.ts";
import { type LinkWords, readLinkWords } from "../link-words.ts";
import { VETH_KIND_USAGE } from "../usage.ts";
import type { LinkKindParser } from "./kind.ts";

/** Models: ip/link_veth.c. */
export const VETH: LinkKindParser = {
  kind: "veth",
  usage: VETH_KIND_USAGE,
  add(ip, draft, words, target) {
    let peer: LinkWords = {};
    const word = words.next();
    if (word !== undefined) {
      if (word !== "peer") fail(1, VETH_KIND_USAGE);
      peer = readLinkWords(ip, words);
    }
    const peerName = peer.name ?? peer.dev;
    const peerNetns = peer.netns ?? (target === ip.netns ? undefined : ip.netns);
    const name = draft.name ?? draft.dev;
    return {
      kind: "veth",
      ...(name !== undefined && { name }),
      ...(draft.mac !== undefined && { mac: draft.mac }),
      ...(draft.mtu !== undefined && { mtu: draft.mtu }),
      peer: {
        ...(peerName !== undefined && { name: peerName }),
        ...(peer.mac !== undefined && { mac: peer.mac }),
        ...(peer.mtu !== undefined && { mtu: peer.mtu }),
        ...(peerNetns !== undefined && { netns: peerNetns }),
        ...(peer.up === true && { up: true }),
      },
    };
  },
  change: () => fail(1, VETH_KIND_USAGE),
};
