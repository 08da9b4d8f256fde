# The node of lab 405 with kube-proxy's mode ipvs: virtual servers, their addresses on kube-ipvs0, sets that the rules ask.
ns n a b out; fwd n
wire n eth0 02:00:00:00:00:03 out eth0 02:00:00:00:00:02; ip -n n addr add 172.18.0.3/16 dev eth0; ip -n out addr add 172.18.0.2/16 dev eth0
ip -n out route add 10.244.1.0/24 via 172.18.0.3; ip -n out route add 10.96.0.0/16 via 172.18.0.3; ip -n n route add default via 172.18.0.2
i=3; for p in a b; do i=$((i+1)); wire n veth$p 02:00:00:00:b0:0$i $p eth0 02:00:00:00:aa:0$i; ip -n n addr add 10.244.1.1/32 dev veth$p; ip -n n route add 10.244.1.$i dev veth$p scope host
  ip -n $p addr add 10.244.1.$i/32 dev eth0; ip -n $p route add 10.244.1.1 dev eth0 scope link; ip -n $p route add default via 10.244.1.1; done
ip -n n link add kube-ipvs0 type dummy; for i in 80 81 82; do ip -n n addr add 10.96.0.$i/32 dev kube-ipvs0; done
ip netns exec n ipset restore <<'S'
create KUBE-LOOP-BACK hash:ip,port,ip family inet hashsize 1024 maxelem 65536
add KUBE-LOOP-BACK 10.244.1.4,udp:7,10.244.1.4
create KUBE-CLUSTER-IP hash:ip,port family inet hashsize 1024 maxelem 65536
add KUBE-CLUSTER-IP 10.96.0.81,udp:7
add KUBE-CLUSTER-IP 10.96.0.82,udp:7
add KUBE-CLUSTER-IP 10.96.0.80,udp:7
create KUBE-EXTERNAL-IP hash:ip,port family inet hashsize 1024 maxelem 65536
create KUBE-EXTERNAL-IP-LOCAL hash:ip,port family inet hashsize 1024 maxelem 65536
create KUBE-LOAD-BALANCER hash:ip,port family inet hashsize 1024 maxelem 65536
create KUBE-LOAD-BALANCER-LOCAL hash:ip,port family inet hashsize 1024 maxelem 65536
create KUBE-LOAD-BALANCER-FW hash:ip,port family inet hashsize 1024 maxelem 65536
create KUBE-LOAD-BALANCER-SOURCE-IP hash:ip,port,ip family inet hashsize 1024 maxelem 65536
create KUBE-LOAD-BALANCER-SOURCE-CIDR hash:ip,port,net family inet hashsize 1024 maxelem 65536
create KUBE-NODE-PORT-TCP bitmap:port range 0-65535
create KUBE-NODE-PORT-LOCAL-TCP bitmap:port range 0-65535
create KUBE-NODE-PORT-UDP bitmap:port range 0-65535
add KUBE-NODE-PORT-UDP 30080
add KUBE-NODE-PORT-UDP 30081
create KUBE-NODE-PORT-LOCAL-UDP bitmap:port range 0-65535
add KUBE-NODE-PORT-LOCAL-UDP 30081
create KUBE-NODE-PORT-SCTP-HASH hash:ip,port family inet hashsize 1024 maxelem 65536
create KUBE-NODE-PORT-LOCAL-SCTP-HASH hash:ip,port family inet hashsize 1024 maxelem 65536
create KUBE-HEALTH-CHECK-NODE-PORT bitmap:port range 0-65535
create KUBE-IPVS-IPS hash:ip family inet hashsize 1024 maxelem 65536
add KUBE-IPVS-IPS 10.96.0.81
add KUBE-IPVS-IPS 10.96.0.82
add KUBE-IPVS-IPS 10.96.0.80
S
ip netns exec n iptables-restore <<'R'
*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:KUBE-FORWARD - [0:0]
:KUBE-IPVS-FILTER - [0:0]
:KUBE-IPVS-OUT-FILTER - [0:0]
:KUBE-NODE-PORT - [0:0]
:KUBE-PROXY-FIREWALL - [0:0]
:KUBE-SOURCE-RANGES-FIREWALL - [0:0]
-A INPUT -m comment --comment "kubernetes ipvs access filter" -j KUBE-IPVS-FILTER
-A INPUT -m comment --comment "kube-proxy firewall rules" -j KUBE-PROXY-FIREWALL
-A INPUT -m comment --comment "kubernetes health check rules" -j KUBE-NODE-PORT
-A FORWARD -m comment --comment "kube-proxy firewall rules" -j KUBE-PROXY-FIREWALL
-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
-A OUTPUT -m comment --comment "kubernetes ipvs access filter" -j KUBE-IPVS-OUT-FILTER
-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT
-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A KUBE-IPVS-FILTER -m set --match-set KUBE-LOAD-BALANCER dst,dst -j RETURN
-A KUBE-IPVS-FILTER -m set --match-set KUBE-CLUSTER-IP dst,dst -j RETURN
-A KUBE-IPVS-FILTER -m set --match-set KUBE-EXTERNAL-IP dst,dst -j RETURN
-A KUBE-IPVS-FILTER -m set --match-set KUBE-EXTERNAL-IP-LOCAL dst,dst -j RETURN
-A KUBE-IPVS-FILTER -m set --match-set KUBE-HEALTH-CHECK-NODE-PORT dst -j RETURN
-A KUBE-IPVS-FILTER -m conntrack --ctstate NEW -m set --match-set KUBE-IPVS-IPS dst -j REJECT --reject-with icmp-port-unreachable
-A KUBE-NODE-PORT -m comment --comment "Kubernetes health check node port" -m set --match-set KUBE-HEALTH-CHECK-NODE-PORT dst -j ACCEPT
-A KUBE-SOURCE-RANGES-FIREWALL -j DROP
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:KIND-MASQ-AGENT - [0:0]
:KUBE-LOAD-BALANCER - [0:0]
:KUBE-MARK-MASQ - [0:0]
:KUBE-NODE-PORT - [0:0]
:KUBE-POSTROUTING - [0:0]
:KUBE-SERVICES - [0:0]
-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
-A POSTROUTING -m addrtype ! --dst-type LOCAL -m comment --comment "kind-masq-agent: ensure nat POSTROUTING directs all non-LOCAL destination traffic to our custom KIND-MASQ-AGENT chain" -j KIND-MASQ-AGENT
-A KIND-MASQ-AGENT -d 10.244.0.0/16 -m comment --comment "kind-masq-agent: local traffic is not subject to MASQUERADE" -j RETURN
-A KIND-MASQ-AGENT -m comment --comment "kind-masq-agent: outbound traffic is subject to MASQUERADE (must be last in chain)" -j MASQUERADE
-A KUBE-LOAD-BALANCER -j KUBE-MARK-MASQ
-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
-A KUBE-NODE-PORT -p udp -m comment --comment "Kubernetes nodeport UDP port with externalTrafficPolicy=local" -m set --match-set KUBE-NODE-PORT-LOCAL-UDP dst -j RETURN
-A KUBE-NODE-PORT -p udp -m comment --comment "Kubernetes nodeport UDP port for masquerade purpose" -m set --match-set KUBE-NODE-PORT-UDP dst -j KUBE-MARK-MASQ
-A KUBE-POSTROUTING -m comment --comment "Kubernetes endpoints dst ip:port, source ip for solving hairpin purpose" -m set --match-set KUBE-LOOP-BACK dst,dst,src -j MASQUERADE
-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0
-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE
-A KUBE-SERVICES -s 127.0.0.0/8 -j RETURN
-A KUBE-SERVICES ! -s 10.244.0.0/16 -m comment --comment "Kubernetes service cluster ip + port for masquerade purpose" -m set --match-set KUBE-CLUSTER-IP dst,dst -j KUBE-MARK-MASQ
-A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODE-PORT
-A KUBE-SERVICES -m set --match-set KUBE-CLUSTER-IP dst,dst -j ACCEPT
COMMIT
R
ip netns exec n ipvsadm -R <<'V'
-A -u 10.96.0.80:7 -s rr
-a -u 10.96.0.80:7 -r 10.244.1.4:7 -m
-A -u 10.96.0.81:7 -s rr
-a -u 10.96.0.81:7 -r 10.244.1.4:7 -m
-A -u 10.96.0.82:7 -s rr
-A -u 10.244.1.1:30080 -s rr
-a -u 10.244.1.1:30080 -r 10.244.1.4:7 -m
-A -u 10.244.1.1:30081 -s rr
-a -u 10.244.1.1:30081 -r 10.244.1.4:7 -m
-A -u 172.18.0.3:30080 -s rr
-a -u 172.18.0.3:30080 -r 10.244.1.4:7 -m
-A -u 172.18.0.3:30081 -s rr
-a -u 172.18.0.3:30081 -r 10.244.1.4:7 -m
V
ip netns exec n sysctl -qw net.ipv4.vs.conntrack=1 net.ipv4.vs.expire_nodest_conn=1 net.ipv4.vs.expire_quiescent_template=1
ip netns exec a socat -T2 UDP-LISTEN:7,fork,reuseaddr EXEC:cat >/dev/null 2>&1 &
for n in n a b out; do for d in eth0 vetha vethb; do ip netns exec $n sysctl -qw net.ipv4.neigh.$d.delay_first_probe_time=60 2>/dev/null || true; done; done
sleep 0.5
### probe
ask() { echo "$1 to $3 $4"; echo word | ip netns exec $1 nc -u -w2 -p $2 $3 $4 || echo "exit $?"; }
ask b 5001 10.96.0.80 7; ask n 5002 10.96.0.80 7; ask out 5003 10.96.0.80 7; ask out 5004 172.18.0.3 30080; ask out 5005 172.18.0.3 30081
ask b 5006 172.18.0.3 30080; ask n 5007 172.18.0.3 30081; ask a 5008 10.96.0.80 7; ask n 5009 127.0.0.1 30080
ask b 5010 10.96.0.82 7; ask n 5011 10.96.0.82 7; ask b 5012 10.96.0.80 8; ask b 5013 10.96.0.99 7
ip netns exec n conntrack -L 2>/dev/null | sed 's/^\(udp *17\) [0-9]*/\1/' | sort
