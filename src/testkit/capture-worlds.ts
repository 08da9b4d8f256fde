import { FrameLog } from "../app/model/capture/frames.ts";
import type { SavedPoint } from "../app/model/capture/save.ts";
import { openLab } from "../lab/index.ts";
import { parts } from "../lab/more.ts";
import { provideUserland } from "../lab/programs.ts";
import { runScripts } from "../lab/script.ts";
import { userland } from "../lab/userland.ts";
import { World } from "../lab/world.ts";
import { firstLight } from "../scenario/first-light.ts";
import { TraceReader } from "../trace/reader.ts";

/** A trace with the interfaces that have names, as a page would have it. */
export interface CapturedWorld {
  readonly log: FrameLog;
  /** By `NAMESPACE/DEVICE`. */
  readonly points: ReadonlyMap<string, SavedPoint>;
  /** The first record of what the test asked for. */
  readonly from: number;
}

function gather(reader: TraceReader, from: number): CapturedWorld {
  const labels = new Map<number, string>();
  const points = new Map<string, SavedPoint>();
  for (const record of reader) {
    if (record.kind !== "change" || record.after === null) continue;
    const row = JSON.parse(record.after) as { label?: string; name?: string; index?: number };
    if (record.table === "netns") labels.set(record.netns, row.label ?? "");
    if (record.table !== "link") continue;
    const name = `${labels.get(record.netns) ?? ""}/${row.name ?? ""}`;
    points.set(name, { netns: record.netns, dev: row.index ?? 0, name });
  }
  const log = new FrameLog(reader);
  log.catchUp();
  return { log, points, from };
}

const ROUTED = `
ip netns add a; ip netns add r; ip netns add b
for n in a r b; do ip -n $n link set lo up; done
ip -n a link add eth0 address 02:00:00:00:00:0a type veth peer name ra address 02:00:00:00:00:1a netns r
ip -n b link add eth0 address 02:00:00:00:00:0b type veth peer name rb address 02:00:00:00:00:1b netns r
ip -n a link set eth0 up; ip -n r link set ra up; ip -n r link set rb up; ip -n b link set eth0 up
ip -n a addr add 10.0.1.2/24 dev eth0; ip -n r addr add 10.0.1.1/24 dev ra
ip -n b addr add 10.0.2.2/24 dev eth0; ip -n r addr add 10.0.2.1/24 dev rb
ip -n a -6 addr add fd00:1::2/64 dev eth0 nodad; ip -n r -6 addr add fd00:1::1/64 dev ra nodad
ip netns exec r sysctl -qw net.ipv4.ip_forward=1
ip -n a route add default via 10.0.1.1; ip -n b route add default via 10.0.2.1
sleep 3
ip netns exec a ping -c1 -W1 10.0.2.2
ip netns exec a ping -c1 -t1 -W1 10.0.2.2
ip netns exec a ping -c1 -W1 10.9.9.9
ip netns exec a ping -c1 -W3 10.0.2.99
ip -n r link set rb mtu 1300
ip netns exec a ping -c1 -s 1400 -M do -W1 10.0.2.2
ip netns exec a ping -6 -c1 fd00:1::1
ip netns exec b nc -l -p 9123 > /tmp/x &
sleep 0.2
printf 'hello world\\n' | ip netns exec a nc -q1 -w2 10.0.2.2 9123
ip netns exec a nc -z -w1 10.0.2.2 81
printf hi | ip netns exec a nc -u -w1 10.0.2.2 5002
ip netns exec a arping -c1 -I eth0 10.0.1.1
ip netns exec a arping -U -c1 -I eth0 10.0.1.2
ip netns exec a ping -c1 -s 1500 10.0.1.1
`;

/** Two machines behind a router: errors, IPv6, a connection, refusals, fragments. */
export function routedWorld(): CapturedWorld {
  provideUserland(userland, parts);
  const world = new World({ seed: 1, traced: true, ipv6: true });
  const scripts = [{ path: "/capture.sh", text: ROUTED }];
  runScripts(world, { scripts, cwd: "/", captures: false, output: () => undefined });
  const reader = new TraceReader();
  if (world.trace !== null) reader.append(world.trace.take());
  return gather(reader, 0);
}

const ASKED = `
M=$(kubectl get pods -l app=redis,role=master -o jsonpath='{.items[0].metadata.name}')
F=$(kubectl get pods -l app=guestbook -o jsonpath='{.items[*].status.podIP}')
for ip in $F; do kubectl exec $M -- ping -c1 $ip; done
kubectl exec $M -- curl -sS http://frontend/
kubectl exec $M -- curl -sS -m1 http://nowhere/
kubectl exec $M -- dig -t srv _http._tcp.frontend.default.svc.cluster.local
kubectl exec $M -- dig -x 10.96.0.10
kubectl exec $M -- traceroute -n -q1 -m4 \${F%% *}
`;

/** The first scenario, and a pod in it that pings, asks a Service, looks up names. */
export function clusterWorld(): CapturedWorld {
  provideUserland(userland, parts);
  const opened = openLab(firstLight);
  if (!opened.ok) throw new Error(opened.error.message);
  const { lab, start } = opened.value;
  while (start.step() === undefined);
  const from = lab.traceLength();
  const run = lab.act({ kind: "shell", at: "", command: ASKED }, () => undefined);
  if (!run.ok) throw new Error(run.error.message);
  while (run.value.step() === undefined);
  const reader = new TraceReader();
  reader.append(lab.takeTrace());
  return gather(reader, from);
}
