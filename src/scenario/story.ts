import * as v from "valibot";

/** A text that a person reads, in every language of the page. */
export const translated = v.object({ en: v.string(), zh: v.string() });

/** How a probe ends, as the one who sent it sees it. */
const OUTCOMES = ["answered", "refused", "timed-out", "unreachable", "failed"] as const;

/**
 * A question that the scenario has prepared. Places are labels of namespaces: "kind-worker", "kind-worker.default.web"; "" is the
 * first machine, and a star stands for the drawn part of a pod's name ("kind-worker.default.web-*"). A place in braces stands for
 * its address, in the target and in what is expected.
 */
const probe = v.object({
  title: translated,
  from: v.string(),
  kind: v.picklist(["ping", "udp", "tcp", "http", "dns", "traceroute", "shell"]),
  /** An address, a name, a place; for http a URL; for shell the command. */
  target: v.string(),
  /** For udp and tcp. */
  port: v.optional(v.number()),
  /** What to look at. */
  look: v.optional(translated),
  expect: v.object({
    outcome: v.picklist(OUTCOMES),
    /** What is printed, as a part of it. */
    says: v.optional(v.string()),
    /** Where it is seen, in this order though others may lie between: a device and what tcpdump would be told ("kind-worker/eth0 udp port 8472"). */
    passes: v.optional(v.array(v.string()), []),
    /** Where nothing of it is seen, written alike. */
    avoids: v.optional(v.array(v.string()), []),
  }),
});

export const probesSchema = v.array(probe);

/** What a scenario tells before anything is sent. */
export const storySchema = v.object({ title: translated, text: translated });

export type Translated = v.InferOutput<typeof translated>;
export type PreparedProbe = v.InferOutput<typeof probe>;
/** As an author writes it: what has a default may be left out. */
export type ProbeInput = v.InferInput<typeof probe>;
export type ProbeOutcome = (typeof OUTCOMES)[number];
export type ScenarioStory = v.InferOutput<typeof storySchema>;
