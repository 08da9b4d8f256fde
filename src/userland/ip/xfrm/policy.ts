import type {
  XfrmDirection,
  XfrmLimits,
  XfrmPolicyInfo,
  XfrmPolicyKey,
  XfrmPolicySpec,
  XfrmSelector,
  XfrmTemplate,
} from "../../../kernel/uapi/index.ts";
import { inPrefix, type Ipv4, type Ipv4Prefix } from "../../../wire/address.ts";
import { fail, refuse } from "../../args/exit.ts";
import { duplicate, invalidArgument, unsigned, type Words } from "../../args/words.ts";
import { answerText } from "../../netlink/answer.ts";
import type { Ip, Verb } from "../context.ts";
import { type NamedVerbs, verbOf } from "./verbs.ts";
import { policyText } from "./print.ts";
import { POLICY_USAGE } from "./usage.ts";
import { ANYWHERE, missing, readId, readLimit, readMode, readReqid, readSelector } from "./words.ts";

/** `ip xfrm policy`. Models: ip/xfrm_policy.c. */

type Writable<T> = { -readonly [K in keyof T]: T[K] };

interface PolicyWords {
  dir?: XfrmDirection;
  selector?: XfrmSelector;
  index?: number;
  action?: "allow" | "block";
  priority?: number;
  readonly flags: ("localok" | "icmp")[];
  readonly limits: Writable<XfrmLimits>;
  readonly templates: XfrmTemplate[];
}

type Reader = (draft: PolicyWords, words: Words) => void;

function readDirection(words: Words): XfrmDirection {
  const word = words.value();
  if (word === "in" || word === "out" || word === "fwd") return word;
  return invalidArgument("DIR value is invalid", word);
}

function readPolicyFlags(words: Words, flags: PolicyWords["flags"]): void {
  const before = flags.length;
  for (let word = words.value(); word === "localok" || word === "icmp"; word = words.next() ?? "") {
    flags.push(word);
    if (words.left === 0) return;
    if (!["localok", "icmp"].includes(words.peek() ?? "")) return;
  }
  words.back();
  if (flags.length === before) invalidArgument("FLAG value is invalid", words.value());
}

/** Models: xfrm_tmpl_parse. */
function readTemplate(words: Words): XfrmTemplate {
  const template: Writable<XfrmTemplate> = {
    src: 0 as Ipv4,
    dst: 0 as Ipv4,
    spi: 0,
    reqid: 0,
    mode: "transport",
    optional: false,
  };
  if (words.left === 0) words.value();
  let some = false;
  let named = false;
  for (; ; some = true) {
    if (words.accept("mode")) template.mode = readMode(words);
    else if (words.accept("reqid")) template.reqid = readReqid(words);
    else if (words.accept("level")) {
      const level = words.value();
      if (level !== "required" && level !== "use") invalidArgument("LEVEL value is invalid\n", level);
      template.optional = level === "use";
    } else {
      const id = named ? undefined : readId(words, false);
      if (id === undefined) break;
      named = true;
      template.src = id.src?.address ?? template.src;
      template.dst = id.dst?.address ?? template.dst;
      template.spi = id.spi ?? 0;
    }
  }
  if (!some) missing("TMPL");
  // The kernel's answer to protocol 0.
  if (!named) fail(2, answerText({ errno: "EINVAL", extack: "Invalid XFRM protocol in template" }));
  return template;
}

const READERS: Readonly<Record<string, Reader>> = {
  dir: (draft, words) => {
    if (draft.dir !== undefined) duplicate("dir", "dir");
    draft.dir = readDirection(words);
  },
  index: (draft, words) => void (draft.index = unsigned(words.value(), "INDEX value is invalid")),
  ptype: (_, words) => {
    const type = words.value();
    if (type === "sub") refuse("ip xfrm policy with ptype sub");
    if (type !== "main") invalidArgument("PTYPE value is invalid", type);
  },
  action: (draft, words) => {
    const action = words.value();
    draft.action =
      action === "allow" || action === "block"
        ? action
        : invalidArgument("ACTION value is invalid\n", action);
  },
  priority: (draft, words) => void (draft.priority = unsigned(words.value(), "PRIORITY value is invalid")),
  flag: (draft, words) => readPolicyFlags(words, draft.flags),
  limit: (draft, words) => {
    readLimit(words, draft.limits);
    const { hardAdd: _, ...others } = draft.limits;
    if (Object.keys(others).length > 0) refuse("limits of a policy but time-hard");
  },
  tmpl: (draft, words) => {
    draft.templates.push(readTemplate(words));
    if (draft.templates.length > 1) refuse("a policy with several templates");
  },
};

function readPolicy(ip: Ip, words: Words, allowed: readonly string[]): PolicyWords {
  const draft: PolicyWords = { flags: [], limits: {}, templates: [] };
  for (let word = words.next(); word !== undefined; word = words.next()) {
    const reader = READERS[word];
    if (["mark", "ctx", "if_id"].includes(word)) refuse(`ip xfrm policy with ${word}`);
    if (reader !== undefined && allowed.includes(word)) {
      reader(draft, words);
      continue;
    }
    if (word === "nosock" && allowed.includes("nosock")) continue;
    if (draft.selector !== undefined) duplicate("unknown", word);
    words.back();
    draft.selector = readSelector(ip, words) ?? invalidArgument("unknown", word);
  }
  return draft;
}

function direction({ dir }: PolicyWords): XfrmDirection {
  return dir ?? fail(1, "Not enough information: DIR is required.\n");
}

const ALL = ["dir", "index", "ptype", "action", "priority", "flag", "limit", "tmpl"];

const modify =
  (verb: "add" | "update"): Verb =>
  (ip, words) => {
    const draft = readPolicy(ip, words, ALL);
    const dir = direction(draft);
    const spec: XfrmPolicySpec = {
      dir,
      selector: draft.selector ?? { src: ANYWHERE, dst: ANYWHERE, protocol: 0 },
      action: draft.action ?? "allow",
      priority: draft.priority ?? 0,
      index: draft.index ?? 0,
      flags: draft.flags,
      limits: draft.limits,
      template: draft.templates[0],
    };
    const done = ip.net.xfrm.addPolicy(spec, verb);
    return done.ok ? 0 : fail(2, answerText(done.error));
  };

const one =
  (verb: "get" | "delete"): Verb =>
  (ip, words) => {
    const draft = readPolicy(ip, words, ["dir", "index", "ptype"]);
    const dir = direction(draft);
    const { selector, index } = draft;
    if (selector === undefined && index === undefined)
      fail(1, "Not enough information: either SELECTOR or INDEX is required.\n");
    const key: XfrmPolicyKey = selector === undefined ? { dir, index: index ?? 0 } : { dir, selector };
    const found = ip.net.xfrm.getPolicy(key);
    if (!found.ok) fail(2, answerText(found.error));
    if (verb === "get") ip.out.say(policyText(ip, found.value));
    else ip.net.xfrm.deletePolicy(key);
    return 0;
  };

/** Addresses lie within what was asked for; the rest is equal. Models: xfrm_policy_filter_match. */
function fits(wish: PolicyWords, p: XfrmPolicyInfo): boolean {
  const within = (asked: Ipv4Prefix, own: Ipv4Prefix): boolean =>
    asked.length === 0 || inPrefix(own.address, asked.address, asked.length);
  const { selector: s, dir, index, action, priority } = wish;
  if (dir !== undefined && dir !== p.dir) return false;
  if (s !== undefined) {
    if (!within(s.src, p.selector.src) || !within(s.dst, p.selector.dst)) return false;
    if (s.protocol !== 0 && s.protocol !== p.selector.protocol) return false;
    if (s.sport !== undefined && s.sport !== p.selector.sport) return false;
    if (s.dport !== undefined && s.dport !== p.selector.dport) return false;
    if (s.dev !== undefined && s.dev !== p.selector.dev) return false;
  }
  if (index !== undefined && index !== p.index) return false;
  if (action !== undefined && action !== p.action) return false;
  if (wish.flags.some((flag) => !p.flags.includes(flag))) return false;
  return priority === undefined || priority === p.priority;
}

const several =
  (deletes: boolean): Verb =>
  (ip, words) => {
    const wish = readPolicy(ip, words, ["dir", "index", "ptype", "action", "priority", "flag", "nosock"]);
    for (const policy of ip.net.xfrm.policies().filter((p) => fits(wish, p))) {
      if (deletes) ip.net.xfrm.deletePolicy({ dir: policy.dir, index: policy.index });
      else ip.out.say(policyText(ip, policy));
    }
    return 0;
  };

const count: Verb = (ip) => {
  const of = (dir: XfrmDirection): number => ip.net.xfrm.policies().filter((p) => p.dir === dir).length;
  const stats = ip.options.statistics > 0 ? " (Sock: IN 0 OUT 0 FWD 0)" : "";
  ip.out.say(`\t SPD IN  ${of("in")} OUT ${of("out")} FWD ${of("fwd")}${stats}\n`);
  return 0;
};

const flush: Verb = (ip, words) => {
  if (words.accept("ptype")) READERS.ptype?.({ flags: [], limits: {}, templates: [] }, words);
  else if (words.left > 0) invalidArgument("unknown", words.value());
  ip.net.xfrm.flushPolicies();
  return 0;
};

const defaults: Verb = (ip) => {
  ip.out.say("Default policies:\n in:  accept\n fwd: accept\n out: accept\n");
  return 0;
};

const VERBS: NamedVerbs = [
  ["add", modify("add")],
  ["update", modify("update")],
  ["delete", one("delete")],
  ["deleteall delall", several(true)],
  ["list show lst", several(false)],
  ["get", one("get")],
  ["flush", flush],
  ["count", count],
  ["set", () => refuse("ip xfrm policy set")],
  ["setdefault", () => refuse("ip xfrm policy setdefault")],
  ["getdefault", defaults],
  ["help", () => fail(255, POLICY_USAGE)],
];

export const xfrmPolicy = verbOf("policy", VERBS, several(false));
