import * as v from "valibot";
import { probesSchema, storySchema } from "./story.ts";
import { machinesSchema, underlaySchema } from "./underlay.ts";

/** Version of the saved form; each step up gets a migration of its own. */
export const SCENARIO_VERSION = 1;

const manifest = v.object({
  name: v.string(),
  yaml: v.string(),
  /** Applied only when all nodes are ready, so that its pods may spread; or when all pods are that were applied before. */
  after: v.optional(v.picklist(["nodes-ready", "pods-ready"])),
});

const coordinate = v.pipe(v.number(), v.minValue(-1e6), v.maxValue(1e6));
const place = v.object({ x: coordinate, y: coordinate });

/** A saved world: what it is built from, never what it became. */
export const scenarioSchema = v.object({
  version: v.literal(SCENARIO_VERSION),
  name: v.string(),
  seed: v.number(),
  /** A kind configuration (YAML); absent for a world of bare namespaces. */
  cluster: v.optional(v.string()),
  /** Applied in order, as by kubectl. */
  manifests: v.array(manifest),
  /** A shell script run on the first machine before the manifests. */
  script: v.optional(v.string()),
  /** A shell script run on the first machine when all that can be ready is. */
  setup: v.optional(v.string()),
  /** Switches and cables, and where the cluster's nodes are plugged in. */
  underlay: v.optional(underlaySchema),
  machines: v.optional(machinesSchema),
  /** Where somebody has put the boxes of the board, by their names; absent, they are laid out. */
  board: v.optional(v.object({ places: v.record(v.pipe(v.string(), v.maxLength(130)), place) })),
  /** Questions that are ready to be asked. */
  probes: v.optional(probesSchema),
  story: v.optional(storySchema),
});

export type Scenario = v.InferOutput<typeof scenarioSchema>;
/** As an author writes it: what has a default may be left out. */
export type ScenarioInput = v.InferInput<typeof scenarioSchema>;
