import { KINDNET_SYNC, policyWorld } from "../../testkit/policy-world.ts";
import { truthTable } from "../../testkit/truth-table.ts";

truthTable("with kindnet", () => policyWorld("kindnet"), KINDNET_SYNC);
