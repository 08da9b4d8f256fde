import { commonSpec, type LinkKindParser } from "./kind.ts";

/** Models: ip/iplink_dummy.c, which takes no options and does not look at any. */
export const DUMMY: LinkKindParser = {
  kind: "dummy",
  usage: "Usage: ... dummy\n",
  add(_ip, draft, words) {
    while (words.left > 0) words.next();
    return { kind: "dummy", ...commonSpec(draft) };
  },
  change: () => ({}),
};
