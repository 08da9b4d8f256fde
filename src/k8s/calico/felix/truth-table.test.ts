import { seconds } from "../../../sim/time.ts";
import { felixWorld } from "../../../testkit/felix-world.ts";
import { truthTable } from "../../../testkit/truth-table.ts";

truthTable("on Calico with Felix", () => felixWorld(), seconds(1));
