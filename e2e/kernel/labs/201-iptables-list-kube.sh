# kube-proxy's chains listed and saved after a packet for a service: marks, comments, statistics, recent, counters.
ns host c1 out
br host docker0 02:42:00:00:00:01
ip -n host addr add 172.17.0.1/16 dev docker0
wire host veth1 02:00:00:00:b0:01 c1 eth0 02:42:ac:11:00:02; ip -n host link set veth1 master docker0
ip -n c1 addr add 172.17.0.2/16 dev eth0; ip -n c1 route add default via 172.17.0.1
wire host eth0 02:00:00:00:01:01 out eth0 02:00:00:00:01:02
ip -n host addr add 203.0.113.10/24 dev eth0; ip -n out addr add 203.0.113.99/24 dev eth0
fwd host
h="ip netns exec host"
$h iptables-restore --noflush <<'R'
*nat
:KUBE-SERVICES - [0:0]
:KUBE-NODEPORTS - [0:0]
:KUBE-MARK-MASQ - [0:0]
:KUBE-POSTROUTING - [0:0]
:KUBE-SVC-A - [0:0]
:KUBE-SEP-1 - [0:0]
:KUBE-SEP-2 - [0:0]
-A KUBE-SERVICES -d 10.96.0.10/32 -p udp -m comment --comment "kube-system/kube-dns:dns cluster IP" -m udp --dport 53 -j KUBE-SVC-A
-A KUBE-SERVICES -m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS
-A KUBE-MARK-MASQ -j MARK --or-mark 0x4000
-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
-A KUBE-POSTROUTING -j MARK --xor-mark 0x4000
-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully
-A KUBE-SVC-A ! -s 172.17.0.0/16 -d 10.96.0.10/32 -p udp -m udp --dport 53 -j KUBE-MARK-MASQ
-A KUBE-SVC-A -m statistic --mode random --probability 0 -j KUBE-SEP-1
-A KUBE-SVC-A -m comment --comment "kube-system/kube-dns:dns -> 203.0.113.99:53" -j KUBE-SEP-2
-A KUBE-SEP-1 -m recent --name KUBE-SEP-1 --rcheck --seconds 10800 --reap -p udp -j DNAT --to-destination 203.0.113.98:53
-A KUBE-SEP-2 -p udp -m udp -j DNAT --to-destination 203.0.113.99:53
-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
COMMIT
R
$h ip route add 10.96.0.0/12 dev docker0
### probe
h="ip netns exec host"
echo hi | ip netns exec c1 nc -u -w1 -p 4001 10.96.0.10 53 || true
$h iptables -t nat -nvL
$h iptables -t nat -L KUBE-POSTROUTING -n
$h iptables-save -c -t nat | grep -v '^#'
