import { allocateMarks, type RulesConfig } from "../k8s/calico/felix/rules/config.ts";
import { ACCEPT, DROP } from "../k8s/calico/felix/rules/rule.ts";
import { must } from "../base/result.ts";

/** The rules' settings as the manifest of Calico makes them, with what a test says otherwise. */
export function rulesConfig(changes: Partial<RulesConfig> = {}): RulesConfig {
  return {
    marks: must(allocateMarks(0xffff0000), "marks"),
    prefixes: ["cali"],
    ipip: false,
    vxlan: false,
    vxlanPort: 4789,
    ipipAddress: true,
    vxlanAddress: true,
    allowVxlanFromWorkloads: false,
    allowIpipFromWorkloads: false,
    endpointToHost: ACCEPT,
    filterAllow: ACCEPT,
    mangleAllow: ACCEPT,
    deny: DROP,
    logPrefix: "calico-packet",
    dropInvalid: true,
    natOutgoingAddress: "",
    natPortRange: "",
    natOutgoingInterface: "",
    natExcludesHosts: false,
    failsafeIn: [],
    failsafeOut: [],
    serviceLoop: DROP,
    ...changes,
  };
}
