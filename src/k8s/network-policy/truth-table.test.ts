import { policyWorld, SYNC } from "../../testkit/policy-world.ts";
import { truthTable } from "../../testkit/truth-table.ts";

truthTable("on flannel with kube-router", () => policyWorld(), SYNC);
