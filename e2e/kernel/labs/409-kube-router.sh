# What kube-router writes for two pods and one policy (to a only from b, UDP port 7; from a only to a block with a hole), in its own words.
ns n a b out; fwd n
wire n eth0 02:00:00:00:00:03 out eth0 02:00:00:00:00:02; ip -n n addr add 172.18.0.3/16 dev eth0; ip -n out addr add 172.18.0.2/16 dev eth0
ip -n out route add 10.244.1.0/24 via 172.18.0.3; ip -n out route add 10.96.0.0/16 via 172.18.0.3; ip -n n route add default via 172.18.0.2
i=3; for p in a b; do i=$((i+1)); wire n veth$p 02:00:00:00:b0:0$i $p eth0 02:00:00:00:aa:0$i; ip -n n addr add 10.244.1.1/32 dev veth$p; ip -n n route add 10.244.1.$i dev veth$p scope host
  ip -n $p addr add 10.244.1.$i/32 dev eth0; ip -n $p route add 10.244.1.1 dev eth0 scope link; ip -n $p route add default via 10.244.1.1; done
for i in 4 200; do ip -n out addr add 172.18.1.$i/32 dev lo; done; ip -n out addr add 172.18.0.200/32 dev lo
ip netns exec n ipset restore <<'S'
create KUBE-DST-JEB2RTBKBRKVDVXX hash:ip family inet hashsize 1024 maxelem 65536 timeout 0
add KUBE-DST-JEB2RTBKBRKVDVXX 10.244.1.4 timeout 0
create KUBE-DST-Q56LOSONYRVM3IWD hash:net family inet hashsize 1024 maxelem 65536 timeout 0
add KUBE-DST-Q56LOSONYRVM3IWD 172.18.0.0/16 timeout 0
add KUBE-DST-Q56LOSONYRVM3IWD 172.18.0.128/25 timeout 0 nomatch
create KUBE-SRC-JEB2RTBKBRKVDVXX hash:ip family inet hashsize 1024 maxelem 65536 timeout 0
add KUBE-SRC-JEB2RTBKBRKVDVXX 10.244.1.4 timeout 0
create KUBE-SRC-ZH7PMEL32QCTUMHX hash:ip family inet hashsize 1024 maxelem 65536 timeout 0
add KUBE-SRC-ZH7PMEL32QCTUMHX 10.244.1.5 timeout 0
S
ip netns exec n iptables-restore <<'R'
*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:KUBE-NWPLCY-COMMON - [0:0]
:KUBE-NWPLCY-DEFAULT - [0:0]
:KUBE-NWPLCY-GRIWSPONYM2JI5KF - [0:0]
:KUBE-NWPLCY-TAIL - [0:0]
:KUBE-POD-FW-OOO5ARUZYW6OXB4T - [0:0]
:KUBE-POD-FW-PHOOPMKU2GDH4GOQ - [0:0]
:KUBE-ROUTER-FORWARD - [0:0]
:KUBE-ROUTER-INPUT - [0:0]
:KUBE-ROUTER-OUTPUT - [0:0]
-A INPUT -m comment --comment "kube-router netpol - 4IA2OSFRMVNDXBVV" -j KUBE-ROUTER-INPUT
-A FORWARD -m comment --comment "kube-router netpol - TEMCG2JMHZYE7H7T" -j KUBE-ROUTER-FORWARD
-A OUTPUT -m comment --comment "kube-router netpol - VEAAIY32XVBHCSCY" -j KUBE-ROUTER-OUTPUT
-A KUBE-NWPLCY-COMMON -m comment --comment "rule to drop invalid state for pod" -m conntrack --ctstate INVALID -j DROP
-A KUBE-NWPLCY-COMMON -m comment --comment "rule for stateful firewall for pod" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A KUBE-NWPLCY-COMMON -p icmp -m comment --comment "allow icmp echo requests" -m icmp --icmp-type 8 -j ACCEPT
-A KUBE-NWPLCY-COMMON -p icmp -m comment --comment "allow icmp destination unreachable messages" -m icmp --icmp-type 3 -j ACCEPT
-A KUBE-NWPLCY-COMMON -p icmp -m comment --comment "allow icmp time exceeded messages" -m icmp --icmp-type 11 -j ACCEPT
-A KUBE-NWPLCY-DEFAULT -m comment --comment "rule to mark traffic matching a network policy" -j MARK --set-xmark 0x10000/0x10000
-A KUBE-NWPLCY-GRIWSPONYM2JI5KF -p udp -m comment --comment "default/web ingress pods" -m set --match-set KUBE-SRC-ZH7PMEL32QCTUMHX src -m set --match-set KUBE-DST-JEB2RTBKBRKVDVXX dst -m udp --dport 7 -j MARK --set-xmark 0x10000/0x10000
-A KUBE-NWPLCY-GRIWSPONYM2JI5KF -p udp -m comment --comment "default/web ingress pods" -m set --match-set KUBE-SRC-ZH7PMEL32QCTUMHX src -m set --match-set KUBE-DST-JEB2RTBKBRKVDVXX dst -m udp --dport 7 -m mark --mark 0x10000/0x10000 -j RETURN
-A KUBE-NWPLCY-GRIWSPONYM2JI5KF -m comment --comment "default/web egress cidr" -m set --match-set KUBE-SRC-JEB2RTBKBRKVDVXX src -m set --match-set KUBE-DST-Q56LOSONYRVM3IWD dst -j MARK --set-xmark 0x10000/0x10000
-A KUBE-NWPLCY-GRIWSPONYM2JI5KF -m comment --comment "default/web egress cidr" -m set --match-set KUBE-SRC-JEB2RTBKBRKVDVXX src -m set --match-set KUBE-DST-Q56LOSONYRVM3IWD dst -m mark --mark 0x10000/0x10000 -j RETURN
-A KUBE-NWPLCY-TAIL -m comment --comment "accept netpol-ok" -m mark --mark 0x20000/0x20000 -j ACCEPT
-A KUBE-POD-FW-OOO5ARUZYW6OXB4T -m comment --comment "common netpol rules" -j KUBE-NWPLCY-COMMON
-A KUBE-POD-FW-OOO5ARUZYW6OXB4T -d 10.244.1.4/32 -m comment --comment "from local node" -m addrtype --src-type LOCAL -j ACCEPT
-A KUBE-POD-FW-OOO5ARUZYW6OXB4T -m comment --comment "default/web policy" -j KUBE-NWPLCY-GRIWSPONYM2JI5KF
-A KUBE-POD-FW-OOO5ARUZYW6OXB4T -m comment --comment "default/a log-drop" -m mark ! --mark 0x10000/0x10000 -m limit --limit 10/min --limit-burst 10 -j NFLOG --nflog-group 100
-A KUBE-POD-FW-OOO5ARUZYW6OXB4T -m comment --comment "default/a reject" -m mark ! --mark 0x10000/0x10000 -j REJECT --reject-with icmp-port-unreachable
-A KUBE-POD-FW-OOO5ARUZYW6OXB4T -j MARK --set-xmark 0x0/0x10000
-A KUBE-POD-FW-OOO5ARUZYW6OXB4T -m comment --comment "set netpol-ok mark" -j MARK --set-xmark 0x20000/0x20000
-A KUBE-POD-FW-PHOOPMKU2GDH4GOQ -m comment --comment "common netpol rules" -j KUBE-NWPLCY-COMMON
-A KUBE-POD-FW-PHOOPMKU2GDH4GOQ -d 10.244.1.5/32 -m comment --comment "from local node" -m addrtype --src-type LOCAL -j ACCEPT
-A KUBE-POD-FW-PHOOPMKU2GDH4GOQ -s 10.244.1.5/32 -m comment --comment "default egress" -j KUBE-NWPLCY-DEFAULT
-A KUBE-POD-FW-PHOOPMKU2GDH4GOQ -d 10.244.1.5/32 -m comment --comment "default ingress" -j KUBE-NWPLCY-DEFAULT
-A KUBE-POD-FW-PHOOPMKU2GDH4GOQ -m comment --comment "default/b log-drop" -m mark ! --mark 0x10000/0x10000 -m limit --limit 10/min --limit-burst 10 -j NFLOG --nflog-group 100
-A KUBE-POD-FW-PHOOPMKU2GDH4GOQ -m comment --comment "default/b reject" -m mark ! --mark 0x10000/0x10000 -j REJECT --reject-with icmp-port-unreachable
-A KUBE-POD-FW-PHOOPMKU2GDH4GOQ -j MARK --set-xmark 0x0/0x10000
-A KUBE-POD-FW-PHOOPMKU2GDH4GOQ -m comment --comment "set netpol-ok mark" -j MARK --set-xmark 0x20000/0x20000
-A KUBE-ROUTER-FORWARD -d 10.244.1.4/32 -m comment --comment "default/a in" -j KUBE-POD-FW-OOO5ARUZYW6OXB4T
-A KUBE-ROUTER-FORWARD -d 10.244.1.4/32 -m physdev --physdev-is-bridged -m comment --comment "default/a in" -j KUBE-POD-FW-OOO5ARUZYW6OXB4T
-A KUBE-ROUTER-FORWARD -s 10.244.1.4/32 -m comment --comment "default/a out" -j KUBE-POD-FW-OOO5ARUZYW6OXB4T
-A KUBE-ROUTER-FORWARD -s 10.244.1.4/32 -m physdev --physdev-is-bridged -m comment --comment "default/a out" -j KUBE-POD-FW-OOO5ARUZYW6OXB4T
-A KUBE-ROUTER-FORWARD -d 10.244.1.5/32 -m comment --comment "default/b in" -j KUBE-POD-FW-PHOOPMKU2GDH4GOQ
-A KUBE-ROUTER-FORWARD -d 10.244.1.5/32 -m physdev --physdev-is-bridged -m comment --comment "default/b in" -j KUBE-POD-FW-PHOOPMKU2GDH4GOQ
-A KUBE-ROUTER-FORWARD -s 10.244.1.5/32 -m comment --comment "default/b out" -j KUBE-POD-FW-PHOOPMKU2GDH4GOQ
-A KUBE-ROUTER-FORWARD -s 10.244.1.5/32 -m physdev --physdev-is-bridged -m comment --comment "default/b out" -j KUBE-POD-FW-PHOOPMKU2GDH4GOQ
-A KUBE-ROUTER-FORWARD -m comment --comment "rule to explicitly handle traffic for network policies ACCEPT/REJECT decision" -j KUBE-NWPLCY-TAIL
-A KUBE-ROUTER-FORWARD -m comment --comment "rule to explicitly ACCEPT traffic that comply to network policies" -m mark --mark 0x20000/0x20000 -j ACCEPT
-A KUBE-ROUTER-INPUT -d 10.96.0.0/12 -m comment --comment "allow traffic to primary/secondary cluster IP range - BVHX2PIHDXXEO43X" -j RETURN
-A KUBE-ROUTER-INPUT -p tcp -m comment --comment "allow LOCAL TCP traffic to node ports - LR7XO7NXDBGQJD2M" -m addrtype --dst-type LOCAL -m multiport --dports 30000:32767 -j RETURN
-A KUBE-ROUTER-INPUT -p udp -m comment --comment "allow LOCAL UDP traffic to node ports - 76UCBPIZNGJNWNUZ" -m addrtype --dst-type LOCAL -m multiport --dports 30000:32767 -j RETURN
-A KUBE-ROUTER-INPUT -p sctp -m comment --comment "allow LOCAL SCTP traffic to node ports - YU47VQ3DEDE3VDG7" -m addrtype --dst-type LOCAL -m multiport --dports 30000:32767 -j RETURN
-A KUBE-ROUTER-INPUT -s 10.244.1.4/32 -m comment --comment "default/a out" -j KUBE-POD-FW-OOO5ARUZYW6OXB4T
-A KUBE-ROUTER-INPUT -s 10.244.1.5/32 -m comment --comment "default/b out" -j KUBE-POD-FW-PHOOPMKU2GDH4GOQ
-A KUBE-ROUTER-INPUT -m comment --comment "rule to explicitly handle traffic for network policies ACCEPT/REJECT decision" -j KUBE-NWPLCY-TAIL
-A KUBE-ROUTER-INPUT -m comment --comment "rule to explicitly ACCEPT traffic that comply to network policies" -m mark --mark 0x20000/0x20000 -j ACCEPT
-A KUBE-ROUTER-OUTPUT -d 10.244.1.4/32 -m comment --comment "default/a in" -j KUBE-POD-FW-OOO5ARUZYW6OXB4T
-A KUBE-ROUTER-OUTPUT -s 10.244.1.4/32 -m comment --comment "default/a out" -j KUBE-POD-FW-OOO5ARUZYW6OXB4T
-A KUBE-ROUTER-OUTPUT -d 10.244.1.5/32 -m comment --comment "default/b in" -j KUBE-POD-FW-PHOOPMKU2GDH4GOQ
-A KUBE-ROUTER-OUTPUT -s 10.244.1.5/32 -m comment --comment "default/b out" -j KUBE-POD-FW-PHOOPMKU2GDH4GOQ
-A KUBE-ROUTER-OUTPUT -m comment --comment "rule to explicitly handle traffic for network policies ACCEPT/REJECT decision" -j KUBE-NWPLCY-TAIL
-A KUBE-ROUTER-OUTPUT -m comment --comment "rule to explicitly ACCEPT traffic that comply to network policies" -m mark --mark 0x20000/0x20000 -j ACCEPT
COMMIT
R
for p in 7 8; do ip netns exec a socat -T2 UDP-LISTEN:$p,fork,reuseaddr EXEC:cat >/dev/null 2>&1 & done; ip netns exec b socat -T2 UDP-LISTEN:7,fork,reuseaddr EXEC:cat >/dev/null 2>&1 &
ip netns exec out socat -T2 UDP-LISTEN:7,fork,reuseaddr EXEC:cat >/dev/null 2>&1 &
for n in n a b out; do for d in eth0 vetha vethb; do ip netns exec $n sysctl -qw net.ipv4.neigh.$d.delay_first_probe_time=60 2>/dev/null || true; done; done
sleep 0.5
### probe
ask() { echo "$1 to $3 $4"; echo word | ip netns exec $1 nc -u -w1 -p $2 $3 $4 || echo "exit $?"; }
ask b 5001 10.244.1.4 7; ask b 5002 10.244.1.4 8; ask out 5003 10.244.1.4 7; ask n 5004 10.244.1.4 7; ask out 5005 10.244.1.5 7
ask a 5006 10.244.1.5 7; ask a 5007 172.18.0.2 7; ask a 5008 172.18.0.200 7; ask a 5009 172.18.1.4 7; ask a 5010 10.244.1.1 9; ask a 5011 172.18.0.3 9
ip netns exec out ping -c1 -W1 10.244.1.4 | grep -o '^[0-9].*'; ip netns exec a ping -c1 -W1 10.244.1.5 | grep -o '^[0-9].*'
ip netns exec n conntrack -L 2>/dev/null | sed 's/^\(udp *17\|icmp *1\) [0-9]*/\1/; s/ id=[0-9]*//g' | sort
ip netns exec n iptables-save -c -t filter | grep -v '^#\|NFLOG'
