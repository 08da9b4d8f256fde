import { describe, expect, test } from "vitest";
import { must } from "../base/result.ts";
import { utf8Decode } from "../base/utf8.ts";
import { dissect } from "../wire/dissect.ts";
import { decodePcap } from "../wire/pcap.ts";
import { type LabResult, runLab } from "./run.ts";

const KIND = `kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
networking: {disableDefaultCNI: true}
nodes: [{role: control-plane}, {role: worker}, {role: worker}]
`;

const PODS = ["kind-worker", "kind-worker2"].map(
  (node, i) => `
apiVersion: v1
kind: Pod
metadata: {name: ${i === 0 ? "one" : "two"}, labels: {app: ${i === 0 ? "one" : "two"}}}
spec: {nodeName: ${node}, containers: [{name: web, image: nginx}]}
`,
);

/** calico.yaml as it is, two pods on two nodes, a Service before the second. */
const SET_UP = `
kubectl apply -f https://raw.githubusercontent.com/projectcalico/calico/v3.31.0/manifests/calico.yaml >/dev/null
kubectl wait --for=condition=Ready nodes --all --timeout=120s >/dev/null
kubectl apply -f - >/dev/null <<'END'
${PODS.join("---")}
END
kubectl expose pod two --port 80 >/dev/null
kubectl wait --for=condition=Ready pods --all --timeout=120s >/dev/null
sleep 20
two=$(kubectl get pod two -o jsonpath='{.status.podIP}')
pool() { calicoctl patch ippool default-ipv4-ippool -p "{\\"spec\\":{\\"ipipMode\\":\\"$1\\",\\"vxlanMode\\":\\"$2\\"}}" >/dev/null; sleep 5; }
routes() { ssh kind-worker ip route | grep -v 'dev cali' | sed 's/\\(10.244\\.[0-9]*\\.[0-9]*\\)/POD/g'; }
ask() { kubectl exec one -- ping -c1 -W1 $two | grep -o 'ttl=[0-9]*'; kubectl exec one -- curl -s -m 3 -o /dev/null -w '%{http_code}\\n' two; }
`;

function play(script: string, captures = false): LabResult & { readonly said: string } {
  let said = "";
  const result = runLab({
    scripts: [
      { path: "/lab/setup.sh", text: SET_UP },
      { path: "/lab/story.sh", text: script },
    ],
    cwd: "/lab",
    seed: 1,
    captures,
    traced: false,
    kind: { path: "kind.yaml", text: KIND },
    output: (_, bytes) => {
      said += utf8Decode(bytes);
    },
  });
  expect(result.message).toBeUndefined();
  return { ...result, said };
}

/** The lines of the innermost headers of what a device sent: `ipv4 ipv4 icmp`, `BGP Update: ...`. */
function sent({ captures }: LabResult, device: string): string[] {
  const file = must(
    captures.find(({ path }) => path === `${device}.out.pcap`),
    `a capture of ${device}`,
  );
  const capture = decodePcap(file.bytes);
  if (!capture.ok) throw new Error(capture.error);
  return capture.value.records.map(({ bytes }) => {
    const layers = dissect(bytes);
    const bgp = layers.filter(({ protocol }) => protocol === "bgp").map(({ summary }) => summary);
    return bgp.length > 0 ? bgp.join("; ") : layers.map(({ protocol }) => protocol).join(" ");
  });
}

describe("Calico by its own calico.yaml", () => {
  test("connects pods by routes alone, whatever the pool says of encapsulation", () => {
    const { said } = play(`
      kubectl exec one -- ip route; kubectl exec one -- cat /proc/sys/net/ipv4/ip_forward
      routes; ask
      pool CrossSubnet Never; routes; ask
      pool Never Always; routes; ask
      pool Never Never; routes; ask
    `);
    const head = "default via 172.18.0.1 dev eth0 \n";
    const tail = "172.18.0.0/16 dev eth0 proto kernel scope link src 172.18.0.3 \n";
    const answer = "ttl=62\n200\n";
    const bird = (way: string): string =>
      `${head}POD/26 via 172.18.0.2 ${way}\nblackhole POD/26 proto bird \nPOD/26 via 172.18.0.4 ${way}\n${tail}${answer}`;
    expect(said).toBe(
      "default via 169.254.1.1 dev eth0 \n169.254.1.1 dev eth0 scope link \n0\n" +
        bird("dev tunl0 proto bird onlink ") +
        bird("dev eth0 proto bird ") +
        `${head}POD/26 via POD dev vxlan.calico onlink mtu 1450 \nblackhole POD/26 proto 80 \n` +
        `POD/26 via POD dev vxlan.calico onlink mtu 1450 \n${tail}${answer}` +
        bird("dev eth0 proto bird "),
    );
  });

  test("a capture of a node shows packets in packets, and BIRD's messages when it comes back", () => {
    const run = play(
      `kubectl exec one -- ping -c1 $two >/dev/null
      kubectl exec -n kube-system ds/calico-node -c calico-node -- true 2>/dev/null
      pod=$(kubectl get pod -n kube-system -l k8s-app=calico-node --field-selector spec.nodeName=kind-worker -o name)
      kubectl exec -n kube-system $pod -c calico-node -- sv restart bird
      sleep 8`,
      true,
    );
    const frames = sent(run, "kind-worker/eth0");
    expect(frames).toContain("ethernet ipv4 ipv4 icmp payload");
    const messages = frames.filter((line) => line.startsWith("BGP")).flatMap((line) => line.split("; "));
    expect(messages).toContain("BGP Notification: Cease (6), subcode 2");
    expect(
      messages.some((line) => line.startsWith("BGP Open: AS 64512, hold time 240s, ID 172.18.0.3")),
    ).toBe(true);
    expect(messages.some((line) => /BGP Update: 10\.244\.\d+\.\d+\/26 \(path 1\)/.test(line))).toBe(true);
    expect(messages).toContain("BGP Update: End-of-RIB");
  });

  test("a node that dies is withdrawn when its hold time is over; one whose BIRD only restarts is not", () => {
    const { said } = play(`
      state() { echo "$1: $(ssh kind-worker ip route | grep -c 'via 172.18.0.4'), $(ssh kind-worker calicoctl node status | grep -o '172.18.0.4 .*' | sed 's/.* mesh | \\([a-z]*\\) .*| \\(.*[a-z]\\) *|/\\1 \\2/')"; }
      state before
      kubectl delete pod -n kube-system -l k8s-app=calico-node --field-selector spec.nodeName=kind-worker2 --force --grace-period=0 >/dev/null 2>&1
      sleep 1; state 'BIRD killed'
      sleep 20; state 'BIRD back'
      ssh kind-worker2 ip link set eth0 down
      sleep 150; state 'node dead for 150 s'
      sleep 100; state 'for 250 s'
      ssh kind-worker2 ip link set eth0 up
      sleep 45; state 'node back'
    `);
    expect(said.split("\n")).toEqual([
      "before: 1, up Established",
      "BIRD killed: 1, start Passive Socket: Connection closed",
      "BIRD back: 1, up Established",
      "node dead for 150 s: 1, up Established",
      "for 250 s: 0, start Passive Error: Hold timer expired",
      "node back: 1, up Established",
      "",
    ]);
  });

  test("a route reflector takes the mesh's place", () => {
    const { said } = play(`
      pool Never Never
      calicoctl apply -f - <<END
apiVersion: projectcalico.org/v3
kind: BGPConfiguration
metadata: {name: default}
spec: {nodeToNodeMeshEnabled: false, asNumber: 64513}
END
      sleep 3; routes | grep -c via
      calicoctl patch node kind-control-plane -p '{"spec":{"bgp":{"routeReflectorClusterID":"244.0.0.1"}}}'
      kubectl label node kind-control-plane route-reflector=true
      calicoctl apply -f - <<END
apiVersion: projectcalico.org/v3
kind: BGPPeer
metadata: {name: reflectors}
spec: {nodeSelector: all(), peerSelector: route-reflector == 'true'}
END
      sleep 10; routes | grep via; ask
      calicoctl get nodes -o wide
      pod=$(kubectl get pod -n kube-system -l k8s-app=calico-node --field-selector spec.nodeName=kind-worker -o name)
      kubectl exec -n kube-system $pod -c calico-node -- birdcl show route all for $two | grep -v '^[0-9]'
      kubectl exec -n kube-system $pod -c calico-node -- grep '^protocol bgp' /etc/calico/confd/config/bird.cfg
    `);
    expect(said).toBe(`Successfully applied 1 'BGPConfiguration' resource(s)
1
Successfully patched 1 'Node' resource
node/kind-control-plane labeled
Successfully applied 1 'BGPPeer' resource(s)
default via 172.18.0.1 dev eth0 
POD/26 via 172.18.0.2 dev eth0 proto bird 
POD/26 via 172.18.0.4 dev eth0 proto bird 
ttl=62
200
NAME                 ASN       IPV4            IPV6   
kind-control-plane   (64513)   172.18.0.2/16          
kind-worker          (64513)   172.18.0.3/16          
kind-worker2         (64513)   172.18.0.4/16          

BIRD v0.3.3+birdv1.6.8 ready.
	Type: BGP unicast univ
	BGP.origin: IGP
	BGP.as_path: 
	BGP.next_hop: 172.18.0.4
	BGP.local_pref: 100
	BGP.originator_id: 172.18.0.4
	BGP.cluster_list: 244.0.0.1
protocol bgp Node_172_18_0_2 from bgp_template {
`);
  });

  test("addresses of nodes and pods that are gone are given back", () => {
    const { said } = play(`
      use() { calicoctl ipam show --show-blocks | grep -c Block; kubectl get ipamhandles --no-headers | wc -l; }
      use; kubectl delete pod one two --now >/dev/null; sleep 5; use
      kubectl delete node kind-worker2 >/dev/null; sleep 5; use
      kubectl get blockaffinities --no-headers | cut -d- -f1-2
    `);
    const [blocks, before, , after, blocksAfter] = said.split("\n").map(Number);
    expect([blocks, before! - after!, blocksAfter]).toEqual([3, 2, 2]);
    expect(said.endsWith("kind-control\nkind-worker\n")).toBe(true);
  });
});
