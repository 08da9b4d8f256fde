# A node of a kind cluster as kindnetd and kube-proxy (iptables) make it: pods by ptp, a Service with a node port, one with externalTrafficPolicy
# Local, one without endpoints. The rules are what they write; masqueraded ports are not drawn at random here (--random-fully), or no two recordings would agree.
ns n a b out; fwd n
wire n eth0 02:00:00:00:00:03 out eth0 02:00:00:00:00:02; ip -n n addr add 172.18.0.3/16 dev eth0; ip -n out addr add 172.18.0.2/16 dev eth0
ip -n out route add 10.244.1.0/24 via 172.18.0.3; ip -n out route add 10.96.0.0/16 via 172.18.0.3; ip -n n route add default via 172.18.0.2
i=3; for p in a b; do i=$((i+1)); wire n veth$p 02:00:00:00:b0:0$i $p eth0 02:00:00:00:aa:0$i; ip -n n addr add 10.244.1.1/32 dev veth$p; ip -n n route add 10.244.1.$i dev veth$p scope host
  ip -n $p addr add 10.244.1.$i/32 dev eth0; ip -n $p route add 10.244.1.1 dev eth0 scope link; ip -n $p route add default via 10.244.1.1; done
ip netns exec n iptables-restore <<'R'
*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:KUBE-EXTERNAL-SERVICES - [0:0]
:KUBE-FIREWALL - [0:0]
:KUBE-FORWARD - [0:0]
:KUBE-NODEPORTS - [0:0]
:KUBE-PROXY-FIREWALL - [0:0]
:KUBE-SERVICES - [0:0]
-A INPUT -j KUBE-FIREWALL
-A INPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL
-A INPUT -m comment --comment "kubernetes health check service ports" -j KUBE-NODEPORTS
-A INPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES
-A FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL
-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
-A FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES
-A OUTPUT -j KUBE-FIREWALL
-A OUTPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL
-A OUTPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A KUBE-FIREWALL ! -s 127.0.0.0/8 -d 127.0.0.0/8 -m comment --comment "block incoming localnet connections" -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP
-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP
-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT
-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A KUBE-SERVICES -d 10.96.0.82/32 -p udp -m comment --comment "default/none has no endpoints" -m udp --dport 7 -j REJECT --reject-with icmp-port-unreachable
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:KIND-MASQ-AGENT - [0:0]
:KUBE-EXT-7NQSKLHFGOA6S3FI - [0:0]
:KUBE-EXT-OITG2N52AJRCLORJ - [0:0]
:KUBE-MARK-MASQ - [0:0]
:KUBE-NODEPORTS - [0:0]
:KUBE-POSTROUTING - [0:0]
:KUBE-SEP-5RQIIELDJRGZROTX - [0:0]
:KUBE-SEP-7BTFRRBLFVZXMTRJ - [0:0]
:KUBE-SERVICES - [0:0]
:KUBE-SVC-7NQSKLHFGOA6S3FI - [0:0]
:KUBE-SVC-OITG2N52AJRCLORJ - [0:0]
:KUBE-SVL-7NQSKLHFGOA6S3FI - [0:0]
-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
-A POSTROUTING -m addrtype ! --dst-type LOCAL -m comment --comment "kind-masq-agent: ensure nat POSTROUTING directs all non-LOCAL destination traffic to our custom KIND-MASQ-AGENT chain" -j KIND-MASQ-AGENT
-A KIND-MASQ-AGENT -d 10.244.0.0/16 -m comment --comment "kind-masq-agent: local traffic is not subject to MASQUERADE" -j RETURN
-A KIND-MASQ-AGENT -m comment --comment "kind-masq-agent: outbound traffic is subject to MASQUERADE (must be last in chain)" -j MASQUERADE
-A KUBE-EXT-7NQSKLHFGOA6S3FI -s 10.244.0.0/16 -m comment --comment "pod traffic for default/local external destinations" -j KUBE-SVC-7NQSKLHFGOA6S3FI
-A KUBE-EXT-7NQSKLHFGOA6S3FI -m comment --comment "masquerade LOCAL traffic for default/local external destinations" -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ
-A KUBE-EXT-7NQSKLHFGOA6S3FI -m comment --comment "route LOCAL traffic for default/local external destinations" -m addrtype --src-type LOCAL -j KUBE-SVC-7NQSKLHFGOA6S3FI
-A KUBE-EXT-7NQSKLHFGOA6S3FI -j KUBE-SVL-7NQSKLHFGOA6S3FI
-A KUBE-EXT-OITG2N52AJRCLORJ -m comment --comment "masquerade traffic for default/web external destinations" -j KUBE-MARK-MASQ
-A KUBE-EXT-OITG2N52AJRCLORJ -j KUBE-SVC-OITG2N52AJRCLORJ
-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
-A KUBE-NODEPORTS -p udp -m comment --comment "default/local" -m udp --dport 30081 -j KUBE-EXT-7NQSKLHFGOA6S3FI
-A KUBE-NODEPORTS -p udp -m comment --comment "default/web" -m udp --dport 30080 -j KUBE-EXT-OITG2N52AJRCLORJ
-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0
-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE
-A KUBE-SEP-5RQIIELDJRGZROTX -s 10.244.1.4/32 -m comment --comment "default/local" -j KUBE-MARK-MASQ
-A KUBE-SEP-5RQIIELDJRGZROTX -p udp -m comment --comment "default/local" -m udp -j DNAT --to-destination 10.244.1.4:7
-A KUBE-SEP-7BTFRRBLFVZXMTRJ -s 10.244.1.4/32 -m comment --comment "default/web" -j KUBE-MARK-MASQ
-A KUBE-SEP-7BTFRRBLFVZXMTRJ -p udp -m comment --comment "default/web" -m udp -j DNAT --to-destination 10.244.1.4:7
-A KUBE-SERVICES -d 10.96.0.81/32 -p udp -m comment --comment "default/local cluster IP" -m udp --dport 7 -j KUBE-SVC-7NQSKLHFGOA6S3FI
-A KUBE-SERVICES -d 10.96.0.80/32 -p udp -m comment --comment "default/web cluster IP" -m udp --dport 7 -j KUBE-SVC-OITG2N52AJRCLORJ
-A KUBE-SERVICES -m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS
-A KUBE-SVC-7NQSKLHFGOA6S3FI ! -s 10.244.0.0/16 -d 10.96.0.81/32 -p udp -m comment --comment "default/local cluster IP" -m udp --dport 7 -j KUBE-MARK-MASQ
-A KUBE-SVC-7NQSKLHFGOA6S3FI -m comment --comment "default/local -> 10.244.1.4:7" -j KUBE-SEP-5RQIIELDJRGZROTX
-A KUBE-SVC-OITG2N52AJRCLORJ ! -s 10.244.0.0/16 -d 10.96.0.80/32 -p udp -m comment --comment "default/web cluster IP" -m udp --dport 7 -j KUBE-MARK-MASQ
-A KUBE-SVC-OITG2N52AJRCLORJ -m comment --comment "default/web -> 10.244.1.4:7" -j KUBE-SEP-7BTFRRBLFVZXMTRJ
-A KUBE-SVL-7NQSKLHFGOA6S3FI -m comment --comment "default/local -> 10.244.1.4:7" -j KUBE-SEP-5RQIIELDJRGZROTX
COMMIT
R
ip netns exec a socat -T2 UDP-LISTEN:7,fork,reuseaddr EXEC:cat >/dev/null 2>&1 &
for n in n a b out; do for d in eth0 vetha vethb; do ip netns exec $n sysctl -qw net.ipv4.neigh.$d.delay_first_probe_time=60 2>/dev/null || true; done; done
sleep 0.5
### probe
ask() { echo "$1 to $3 $4"; echo word | ip netns exec $1 nc -u -w2 -p $2 $3 $4 || echo "exit $?"; }
ask b 5001 10.96.0.80 7; ask n 5002 10.96.0.80 7; ask out 5003 10.96.0.80 7; ask out 5004 172.18.0.3 30080; ask out 5005 172.18.0.3 30081
ask b 5006 172.18.0.3 30080; ask n 5007 172.18.0.3 30081; ask a 5008 10.96.0.80 7; ask n 5009 127.0.0.1 30080
ask b 5010 10.96.0.82 7; ask n 5011 10.96.0.82 7; ask b 5012 10.96.0.80 8; ask b 5013 10.96.0.99 7
ip netns exec n conntrack -L 2>/dev/null | sed 's/^\(udp *17\) [0-9]*/\1/' | sort
