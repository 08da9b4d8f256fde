import { describe, expect, it } from "vitest";
import { utf8Decode } from "../base/utf8.ts";
import { runLab } from "./run.ts";

/** What a script says on a machine with Docker. */
function lab(text: string, kind?: string): string {
  let out = "";
  const result = runLab({
    scripts: [{ path: "/work/script.sh", text }],
    cwd: "/work",
    seed: 1,
    captures: false,
    traced: true,
    output: (_, bytes) => (out += utf8Decode(bytes)),
    ...(kind === undefined ? {} : { kind: { path: "kind.yaml", text: kind } }),
  });
  trace = result.trace;
  return out;
}

let trace: readonly string[] = [];

/** Rules of a table as iptables -S prints them. */
function rules(table: string, text: string): string[] {
  return lab(`${text}\niptables -t ${table} -S`)
    .split("\n")
    .filter((line) => line.startsWith("-A"));
}

const OUTSIDE = `
ip netns add pc
ip link add wan type veth peer name eth0 netns pc
ip addr add 203.0.113.1/24 dev wan; ip link set wan up
ip -n pc addr add 203.0.113.9/24 dev eth0; ip -n pc link set eth0 up
`;
const WEB = "docker run -d --name web --hostname web -p 8080:80 nginx >/dev/null\n";
const NETWORKED = `
bridge() { docker network create -o com.docker.network.bridge.name=$1 --subnet $2 "$\{@:3}" $1 >/dev/null; }
bridge bridge1 192.0.2.0/24
docker run -d --network bridge1 -p 8080:80 --name c1 busybox sleep 1000 >/dev/null
`;

describe("Docker's rules", () => {
  it("are today's, with a network of the user's and a published port", () => {
    expect(rules("filter", NETWORKED)).toEqual([
      "-A FORWARD -j DOCKER-USER",
      "-A FORWARD -j DOCKER-FORWARD",
      "-A DOCKER -d 192.0.2.2/32 ! -i bridge1 -o bridge1 -p tcp -m tcp --dport 80 -j ACCEPT",
      "-A DOCKER ! -i docker0 -o docker0 -j DROP",
      "-A DOCKER ! -i bridge1 -o bridge1 -j DROP",
      "-A DOCKER-BRIDGE -o docker0 -j DOCKER",
      "-A DOCKER-BRIDGE -o bridge1 -j DOCKER",
      "-A DOCKER-CT -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
      "-A DOCKER-CT -o bridge1 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
      "-A DOCKER-FORWARD -j DOCKER-CT",
      "-A DOCKER-FORWARD -j DOCKER-INTERNAL",
      "-A DOCKER-FORWARD -j DOCKER-BRIDGE",
      "-A DOCKER-FORWARD -i docker0 -j ACCEPT",
      "-A DOCKER-FORWARD -i bridge1 -j ACCEPT",
    ]);
    expect(rules("nat", NETWORKED)).toEqual([
      "-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER",
      "-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER",
      "-A POSTROUTING -s 192.0.2.0/24 ! -o bridge1 -j MASQUERADE",
      "-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE",
      "-A DOCKER ! -i bridge1 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 192.0.2.2:80",
    ]);
  });

  // As integration/network/bridge/iptablesdoc/generated/usernet-portmap.md of moby 27 has them, without its default DROP.
  it("are those of 20.10 when that is asked for", () => {
    const classic = `export FLANNELGRAPH_DOCKER=20.10\n${NETWORKED}`;
    expect(rules("filter", classic)).toEqual([
      "-A FORWARD -j DOCKER-USER",
      "-A FORWARD -j DOCKER-ISOLATION-STAGE-1",
      "-A FORWARD -o bridge1 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
      "-A FORWARD -o bridge1 -j DOCKER",
      "-A FORWARD -i bridge1 ! -o bridge1 -j ACCEPT",
      "-A FORWARD -i bridge1 -o bridge1 -j ACCEPT",
      "-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
      "-A FORWARD -o docker0 -j DOCKER",
      "-A FORWARD -i docker0 ! -o docker0 -j ACCEPT",
      "-A FORWARD -i docker0 -o docker0 -j ACCEPT",
      "-A DOCKER -d 192.0.2.2/32 ! -i bridge1 -o bridge1 -p tcp -m tcp --dport 80 -j ACCEPT",
      "-A DOCKER-ISOLATION-STAGE-1 -i bridge1 ! -o bridge1 -j DOCKER-ISOLATION-STAGE-2",
      "-A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2",
      "-A DOCKER-ISOLATION-STAGE-1 -j RETURN",
      "-A DOCKER-ISOLATION-STAGE-2 -o bridge1 -j DROP",
      "-A DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP",
      "-A DOCKER-ISOLATION-STAGE-2 -j RETURN",
      "-A DOCKER-USER -j RETURN",
    ]);
    expect(rules("nat", classic)).toEqual([
      "-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER",
      "-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER",
      "-A POSTROUTING -s 192.0.2.0/24 ! -o bridge1 -j MASQUERADE",
      "-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE",
      "-A POSTROUTING -s 192.0.2.2/32 -d 192.0.2.2/32 -p tcp -m tcp --dport 80 -j MASQUERADE",
      "-A DOCKER -i bridge1 -j RETURN",
      "-A DOCKER -i docker0 -j RETURN",
      "-A DOCKER ! -i bridge1 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 192.0.2.2:80",
    ]);
    expect(
      lab(`${classic}docker exec c1 cat /sys/class/net/eth0/address; docker exec c1 ip link show eth0`),
    ).toContain("link/ether 02:42:c0:00:02:02");
  });

  it("are those of /etc/docker/daemon.json: without the userland proxy the kernel turns connections round", () => {
    const text = lab(`mkdir -p /etc/docker
echo '{ "userland-proxy": false, "bip": "172.17.1.1/24", "mtu": 1400 }' > /etc/docker/daemon.json
${OUTSIDE}${WEB}iptables -t nat -S | grep -e MASQ -e DNAT -e OUTPUT
curl -s 127.0.0.1:8080; docker exec web curl -s 203.0.113.1:8080; ip netns exec pc curl -s 203.0.113.1:8080
pgrep docker-proxy; docker exec web cat /sys/class/net/eth0/mtu`);
    expect(text).toBe(`-P OUTPUT ACCEPT
-A OUTPUT -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -o docker0 -m addrtype --src-type LOCAL -j MASQUERADE
-A POSTROUTING -s 172.17.1.0/24 ! -o docker0 -j MASQUERADE
-A POSTROUTING -s 172.17.1.2/32 -d 172.17.1.2/32 -p tcp -m tcp --dport 80 -j MASQUERADE
-A DOCKER -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.1.2:80
web
web
web
1400
`);
  });

  it("keep containers of one network apart without icc", () => {
    const text = lab(`mkdir -p /etc/docker; echo '{ "icc": false }' > /etc/docker/daemon.json
${WEB}docker run --rm alpine curl -sm1 172.17.0.2; echo $?; iptables -S DOCKER-FORWARD | tail -2`);
    expect(text).toBe(`28
-A DOCKER-FORWARD -i docker0 -o docker0 -j DROP
-A DOCKER-FORWARD -i docker0 ! -o docker0 -j ACCEPT
`);
  });

  it("guard loopback ports and internal networks, and go with what they were made for", () => {
    const text = lab(`docker network create --internal in >/dev/null
docker run -d --name aa --network in alpine sleep 1000 >/dev/null; docker exec aa ip route
iptables -S DOCKER-INTERNAL | sed 's/br-[0-9a-f]*/BR/'
docker run -d --name bb -p 127.0.0.1:81:80 nginx >/dev/null; iptables -t raw -S PREROUTING
docker rm -f aa bb; docker network rm in; iptables -t raw -S; iptables -S DOCKER-INTERNAL; ss -ltn | grep -c :81; ip -br link | grep -c veth`);
    expect(text).toBe(`172.18.0.0/16 dev eth0 proto kernel scope link src 172.18.0.2 
-N DOCKER-INTERNAL
-A DOCKER-INTERNAL ! -s 172.18.0.0/16 -o BR -j DROP
-A DOCKER-INTERNAL ! -d 172.18.0.0/16 -i BR -j DROP
-P PREROUTING ACCEPT
-A PREROUTING -d 172.17.0.2/32 ! -i docker0 -j DROP
-A PREROUTING -d 127.0.0.1/32 ! -i lo -p tcp -m tcp --dport 81 -j DROP
aa
bb
in
-P PREROUTING ACCEPT
-P OUTPUT ACCEPT
-N DOCKER-INTERNAL
0
0
`);
  });
});

describe("a published port", () => {
  it("leads from outside, from the host, from the container itself and from another network to the container", () => {
    const text = lab(`${OUTSIDE}${WEB}docker network create app >/dev/null
ip netns exec pc curl -s 203.0.113.1:8080
curl -s 127.0.0.1:8080
docker exec web curl -s 203.0.113.1:8080
docker run --rm --network app alpine curl -s 203.0.113.1:8080
docker logs web | grep answered | sed 's/:[0-9]*$//'`);
    expect(text).toBe(
      `${"web\n".repeat(4)}${["203.0.113.9", "172.17.0.1", "172.17.0.1", "172.17.0.1"]
        .map((who) => `flannelgraph: 80/TCP: answered ${who}\n`)
        .join("")}`,
    );
  });

  it("is told by ps, port and inspect, and is refused to a second container", () => {
    const text = lab(`${WEB}docker ps --format '{{.Image}} {{.Names}}: {{.Ports}}'
docker port web
docker port web 80
docker inspect -f '{{range $p, $b := .NetworkSettings.Ports}}{{$p}}->{{(index $b 0).HostPort}}{{end}}' web
docker run -d --name two -p 8080:80 nginx 2>&1 | sed 's/[0-9a-f]\\{64\\}/ID/'
docker ps -a --filter name=two --format '{{.Status}}'
pgrep -a docker-proxy | cut -d' ' -f2-`);
    expect(text).toBe(`nginx web: 0.0.0.0:8080->80/tcp, [::]:8080->80/tcp
80/tcp -> 0.0.0.0:8080
80/tcp -> [::]:8080
0.0.0.0:8080
[::]:8080
80/tcp->8080
ID
docker: Error response from daemon: failed to set up container networking: driver failed programming external connectivity on endpoint two (ID): Bind for 0.0.0.0:8080 failed: port is already allocated

Run 'docker run --help' for more information
Created
/usr/bin/docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 8080 -container-ip 172.17.0.2 -container-port 80 -use-listen-fd
/usr/bin/docker-proxy -proto tcp -host-ip :: -host-port 8080 -container-ip 172.17.0.2 -container-port 80 -use-listen-fd
`);
  });

  it("carries UDP both ways", () => {
    const text = lab(`${OUTSIDE}docker run -d --hostname dns -p 5300:53/udp example/dns >/dev/null
echo q | ip netns exec pc nc -u -w1 203.0.113.1 5300
echo q | nc -u -w1 127.0.0.1 5300`);
    expect(text).toBe("dns\ndns\n");
  });
});

describe("containers", () => {
  it("reach each other and the outside, where they have the host's address", () => {
    const text = lab(`${OUTSIDE}${WEB}docker run --rm alpine curl -s 172.17.0.2
ip netns exec pc nc -l 7000 > /tmp/got & sleep 0.1
docker run --rm -i alpine nc -N 203.0.113.9 7000 <<< hello; cat /tmp/got
conntrack -L -p tcp --dport 7000 2>/dev/null | grep -o 'src=203.0.113.9 dst=203.0.113.1'`);
    expect(text).toBe("web\nhello\nsrc=203.0.113.9 dst=203.0.113.1\n");
  });

  it("of different networks are kept apart until one joins the other", () => {
    const text = lab(`docker network create app >/dev/null; docker network create back >/dev/null
docker run -d --name db --network app --network-alias store redis >/dev/null
docker run -d --name cli --network back alpine sleep 1000 >/dev/null
docker exec cli ping -c1 -W1 172.18.0.2 >/dev/null; echo $?
docker exec cli getent hosts db; echo $?
docker network connect app cli
docker exec cli getent hosts db store; docker exec cli ip -br addr | awk '{print $1, $3}' | sed 's/@if[0-9]*//'; docker exec cli ip route | head -1
docker exec cli ping -c1 -W1 db | sed -n 2p | cut -d' ' -f1-5
docker network disconnect app cli; docker exec cli ip route | head -1`);
    expect(text).toBe(`1
2
172.18.0.2      db
172.18.0.2      store
lo 127.0.0.1/8
eth0 172.19.0.2/16
eth1 172.18.0.3/16
default via 172.18.0.1 dev eth1 
64 bytes from db.app (172.18.0.2):
default via 172.19.0.1 dev eth0 
`);
  });

  it("ask 127.0.0.11, which NAT leads to the engine", () => {
    const text = lab(`docker network create app >/dev/null
docker run -d --name db --network app redis >/dev/null
docker run -d --name cli --network app alpine sleep 1000 >/dev/null
docker exec cli grep -v '^#' /etc/resolv.conf | grep .
docker exec cli dig +short db; docker exec cli dig +short -x 172.18.0.2; docker exec cli dig nobody | grep -o SERVFAIL
docker exec cli iptables -t nat -S | sed 's/11:[0-9]*/11:PORT/; s/--sport [0-9]*/--sport PORT/' | grep ^-A`);
    expect(text).toBe(`nameserver 127.0.0.11
options ndots:0
172.18.0.2
db.app.
SERVFAIL
-A OUTPUT -d 127.0.0.11/32 -j DOCKER_OUTPUT
-A POSTROUTING -d 127.0.0.11/32 -j DOCKER_POSTROUTING
-A DOCKER_OUTPUT -d 127.0.0.11/32 -p tcp -m tcp --dport 53 -j DNAT --to-destination 127.0.0.11:PORT
-A DOCKER_OUTPUT -d 127.0.0.11/32 -p udp -m udp --dport 53 -j DNAT --to-destination 127.0.0.11:PORT
-A DOCKER_POSTROUTING -s 127.0.0.11/32 -p tcp -m tcp --sport PORT -j SNAT --to-source :53
-A DOCKER_POSTROUTING -s 127.0.0.11/32 -p udp -m udp --sport PORT -j SNAT --to-source :53
`);
  });

  it("may have no network, the host's, or another container's", () => {
    const text = lab(`docker run --rm --network none alpine ip -br addr | awk '{print $1}'
docker run --rm --network host alpine hostname
docker run -d --name pause registry.k8s.io/pause:3.10 >/dev/null
docker run -d --name in --network container:pause nginx >/dev/null
docker run --rm --network container:pause alpine curl -s localhost | wc -c
docker run --rm -p 1:1 --network container:pause alpine true; echo $?
docker stop pause; docker exec in ip -br addr | wc -l`);
    expect(text).toBe(`lo
flannelgraph
13
docker: conflicting options: port publishing and the container type network mode

Run 'docker run --help' for more information
125
pause
1
`);
  });

  it("end as what they run does, and are journalled", () => {
    const text = lab(`docker run --rm alpine sh -c 'exit 3'; echo $?
docker run --rm alpine nosuch 2>/dev/null; echo $?
docker run -d --name aa alpine sleep 1000 >/dev/null; docker rm aa
time docker stop aa; docker ps -a --format '{{.Names}} {{.Status}}'; docker start aa; docker kill aa; docker rm aa; docker ps -aq`);
    expect(text.replace(/^(user|sys).*\n/gm, "")).toBe(`3
127
Error response from daemon: cannot remove container "aa": container is running: stop the container before removing or force remove
aa

real	0m10.002s
aa Exited (137) Less than a second ago
aa
aa
aa
`);
    const rows = trace.filter((line) => line.includes('"container"')).join("\n");
    expect(rows).toContain('"state":"running"');
    expect(rows).toContain('"exitCode":137');
  });
});

it("shows a kind cluster's nodes as containers of the network kind", () => {
  const kind = `kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
networking: { disableDefaultCNI: true }
nodes: [{ role: control-plane }, { role: worker }]
`;
  const script = `docker ps --format '{{.Names}} {{.Networks}} {{.State}}'; docker network ls --format '{{.Name}}'
docker exec kind-worker ip -br addr show eth0 | awk '{print $3}'
docker run --rm --network kind alpine ping -c1 kind-control-plane | sed -n 4,5p; ssh kind-worker docker ps`;
  expect(lab(script, kind)).toBe(`kind-worker kind running
kind-control-plane kind running
bridge
host
kind
none
172.18.0.3/16
--- kind-control-plane ping statistics ---
1 packets transmitted, 1 received, 0% packet loss, time 0ms
Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?
`);
});

it("a container's namespace is entered by the file that docker inspect names, as long as it runs", () => {
  const printed = lab(`${WEB}key=$(docker inspect -f '{{.NetworkSettings.SandboxKey}}' web)
nsenter --net=$key ip -br -4 addr show eth0
docker rm -f web
nsenter --net=$key true || echo gone`);
  expect(printed).toMatch(/^eth0@if\d+ +UP +172\.17\.0\.2\/16 *\nweb\n/);
  expect(printed).toMatch(/gone\n$/);
});
