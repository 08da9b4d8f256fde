import type {
  XfrmFlag,
  XfrmLimits,
  XfrmMode,
  XfrmStateInfo,
  XfrmStateSpec,
} from "../../../kernel/uapi/index.ts";
import { inPrefix, type Ipv4 } from "../../../wire/address.ts";
import { fail, refuse } from "../../args/exit.ts";
import { invalidArgument, unsigned, type Words } from "../../args/words.ts";
import { answerText } from "../../netlink/answer.ts";
import { parseAddress } from "../../netlink/addresses.ts";
import type { Ip, Verb } from "../context.ts";
import { type NamedVerbs, verbOf } from "./verbs.ts";
import { stateText } from "./print.ts";
import { STATE_USAGE } from "./usage.ts";
import {
  ANYWHERE,
  type IdWords,
  missing,
  readAlgorithm,
  readFlags,
  readId,
  readLimit,
  readMode,
  readReqid,
  readSelector,
} from "./words.ts";

/** `ip xfrm state`. Models: ip/xfrm_state.c. */

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type Draft = Writable<XfrmStateSpec> & { limits: Writable<XfrmLimits> };

const OTHER_WORDS =
  "mark replay-seq-hi replay-oseq-hi extra-flag coa ctx offload output-mark set-mark if_id tfcpad".split(" ");

const fresh = (): Draft => ({
  src: 0 as Ipv4,
  dst: 0 as Ipv4,
  spi: 0,
  mode: "transport",
  reqid: 0,
  seq: 0,
  replayWindow: 0,
  flags: [],
  selector: { src: ANYWHERE, dst: ANYWHERE, protocol: 0 },
  limits: {},
});

type Reader = (draft: Draft, words: Words, ip: Ip) => void;

const READERS: Readonly<Record<string, Reader>> = {
  mode: (draft, words) => void (draft.mode = readMode(words)),
  reqid: (draft, words) => void (draft.reqid = readReqid(words)),
  seq: (draft, words) => void (draft.seq = unsigned(words.value(), "SEQ value is invalid")),
  "replay-window": (draft, words) => {
    draft.replayWindow = unsigned(words.value(), 'value after "replay-window" is invalid');
    if (draft.replayWindow > 32) refuse("a replay window of more than 32 packets");
  },
  "replay-seq": (draft, words) => {
    const seq = unsigned(words.value(), 'value after "replay-seq" is invalid');
    draft.replay = { seq, oseq: draft.replay?.oseq ?? 0, bitmap: 0 };
  },
  "replay-oseq": (draft, words) => {
    const oseq = unsigned(words.value(), 'value after "replay-oseq" is invalid');
    draft.replay = { seq: draft.replay?.seq ?? 0, oseq, bitmap: 0 };
  },
  flag: (draft, words) => void (draft.flags = readFlags(words)),
  sel: (draft, words, ip) => {
    const word = words.peek() ?? words.value();
    draft.selector = readSelector(ip, words) ?? invalidArgument("SELECTOR is invalid", word);
  },
  limit: (draft, words) => readLimit(words, draft.limits),
  encap: (draft, words) => {
    const type = words.value();
    if (type === "espinudp-nonike" || type === "espintcp") refuse(`ip xfrm with encap ${type}`);
    if (type !== "espinudp") invalidArgument("ENCAP-TYPE value is invalid", type);
    const sport = unsigned(words.value(), "SPORT value is invalid", 0xffff);
    const dport = unsigned(words.value(), "DPORT value is invalid", 0xffff);
    draft.encap = { sport, dport, address: parseAddress(words.value()) };
  },
};

function takeId(draft: Draft, words: Words): void {
  words.back();
  const id = readId(words, false) ?? missing("ID");
  draft.src = id.src?.address ?? draft.src;
  draft.dst = id.dst?.address ?? draft.dst;
  draft.spi = id.spi ?? draft.spi;
}

/** What both `add` and `allocspi` take. */
function readState(ip: Ip, words: Words, more: (word: string) => boolean = () => false): Draft {
  const draft = fresh();
  let id: string | undefined;
  for (let word = words.next(); word !== undefined; word = words.next()) {
    const reader = READERS[word];
    if (reader !== undefined) reader(draft, words, ip);
    else if (OTHER_WORDS.includes(word)) refuse(`ip xfrm state with ${word}`);
    else if (!more(word)) {
      const algorithm = readAlgorithm(word, words);
      if (algorithm !== undefined) Object.assign(draft, algorithm);
      else if (id !== undefined) invalidArgument("unknown", word);
      else {
        id = word;
        takeId(draft, words);
      }
    }
  }
  if (id === undefined) fail(1, "Not enough information: ID is required\n");
  return draft;
}

const modify =
  (verb: "add" | "update"): Verb =>
  (ip, words) => {
    const draft = readState(ip, words);
    if (draft.enc === undefined && draft.aead === undefined)
      fail(1, 'ALGO-TYPE value "enc" or "aead" is required with XFRM-PROTO value "esp"\n');
    const done = ip.net.xfrm.addState(draft, verb);
    return done.ok ? 0 : fail(2, answerText(done.error));
  };

const allocate: Verb = (ip, words) => {
  const range: { min?: number; max?: number } = {};
  const draft = readState(ip, words, (word) => {
    if (word === "min") range.min = unsigned(words.value(), 'value after "min" is invalid');
    else if (word === "max") range.max = unsigned(words.value(), 'value after "max" is invalid');
    else return false;
    return true;
  });
  const { min = 0x100, max = 0x0fff_ffff } = range;
  if (min > max) fail(1, 'Invalid range: "min" has to be less or equal to "max"\n');
  const done = ip.net.xfrm.allocSpi(draft, min, max);
  if (!done.ok) fail(2, answerText(done.error));
  ip.out.say(stateText(ip, done.value));
  return 0;
};

const one =
  (verb: "get" | "delete"): Verb =>
  (ip, words) => {
    let id: IdWords | undefined;
    for (let word = words.peek(); word !== undefined; word = words.peek()) {
      if (word === "mark") refuse("ip xfrm with a mark");
      if (id !== undefined) invalidArgument("unknown", word);
      id = readId(words, false) ?? missing("ID");
    }
    if (id === undefined) fail(2, answerText({ errno: "EINVAL" }));
    const key = { dst: id.dst?.address ?? (0 as Ipv4), spi: id.spi ?? 0 };
    const found = ip.net.xfrm.getState(key);
    if (!found.ok) fail(2, answerText(found.error));
    if (verb === "get") ip.out.say(stateText(ip, found.value));
    else ip.net.xfrm.deleteState(key);
    return 0;
  };

interface Wish extends IdWords {
  mode?: XfrmMode;
  reqid?: number;
  flags?: readonly XfrmFlag[];
}

function fits(wish: Wish, s: XfrmStateInfo): boolean {
  if (wish.src !== undefined && !inPrefix(s.src, wish.src.address, wish.src.length)) return false;
  if (wish.dst !== undefined && !inPrefix(s.dst, wish.dst.address, wish.dst.length)) return false;
  if (wish.spi !== undefined && wish.spi !== s.spi) return false;
  if (wish.mode !== undefined && wish.mode !== s.mode) return false;
  if (wish.reqid !== undefined && wish.reqid !== s.reqid) return false;
  return wish.flags === undefined || wish.flags.every((flag) => s.flags.includes(flag));
}

/** `list` and `deleteall`: those that fit. */
const several =
  (deletes: boolean): Verb =>
  (ip, words) => {
    let wish: Wish = {};
    let hideKeys = false;
    let said = false;
    for (let word = words.next(); word !== undefined; word = words.next()) {
      if (word === "nokeys" && !deletes) hideKeys = true;
      else if (word === "mode") wish.mode = readMode(words);
      else if (word === "reqid") wish.reqid = readReqid(words);
      else if (word === "flag") wish.flags = readFlags(words);
      else {
        words.back();
        if (said) invalidArgument("unknown", word);
        said = true;
        const id = readId(words, true) ?? missing("ID");
        wish = { ...wish, ...id };
      }
    }
    for (const state of ip.net.xfrm.states().filter((s) => fits(wish, s))) {
      if (deletes) ip.net.xfrm.deleteState(state);
      else ip.out.say(stateText(ip, state, { hideKeys }));
    }
    return 0;
  };

const count: Verb = (ip) => {
  if (ip.options.statistics > 0) refuse("ip -s xfrm state count");
  ip.out.say(`\t SAD count ${ip.net.xfrm.states().length}\n`);
  return 0;
};

const flush: Verb = (ip, words) => {
  if (words.accept("proto")) {
    const name = words.value();
    if (["ah", "comp", "route2", "hao"].includes(name)) return 0;
    if (name !== "esp" && name !== "any") invalidArgument("XFRM-PROTO value is invalid", name);
  } else if (words.left > 0) invalidArgument("unknown", words.value());
  ip.net.xfrm.flushStates();
  return 0;
};

const VERBS: NamedVerbs = [
  ["add", modify("add")],
  ["update", modify("update")],
  ["allocspi", allocate],
  ["delete", one("delete")],
  ["deleteall delall", several(true)],
  ["list show lst", several(false)],
  ["get", one("get")],
  ["flush", flush],
  ["count", count],
  ["help", () => fail(255, STATE_USAGE)],
];

export const xfrmState = verbOf("state", VERBS, several(false));
