import { fail } from "../../args/exit.ts";
import { commonSpec, type LinkKindParser } from "./kind.ts";

/** iproute2 knows nothing of this kind but its name: options are wg(8)'s. */
export const WIREGUARD: LinkKindParser = {
  kind: "wireguard",
  usage: "",
  add(_ip, draft, words) {
    if (words.left > 0) fail(1, `Garbage instead of arguments "${words.value()} ...". Try "ip link help".\n`);
    return { kind: "wireguard", ...commonSpec(draft) };
  },
  change: () => ({}),
};
