# How chains are walked: jump, goto, RETURN, the end of a chain, marks that later rules see, REJECT, policies, counters.
ns a r b
wire a eth0 02:00:00:00:01:01 r left 02:00:00:00:01:02; wire r right 02:00:00:00:02:01 b eth0 02:00:00:00:02:02
ip -n a addr add 10.1.0.2/24 dev eth0; ip -n r addr add 10.1.0.1/24 dev left
ip -n r addr add 10.2.0.1/24 dev right; ip -n b addr add 10.2.0.2/24 dev eth0
ip -n a route add default via 10.1.0.1; ip -n b route add default via 10.2.0.1; fwd r
ip netns exec r iptables-restore <<'R'
*mangle
:PREROUTING ACCEPT [0:0]
-A PREROUTING -i left -p icmp -j MARK --set-xmark 0x10/0xf0
-A PREROUTING -m mark --mark 0x10/0xf0 -j CONNMARK --save-mark
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:deep - [0:0]
:judge - [0:0]
:tail - [0:0]
-A INPUT -p icmp -m icmp --icmp-type 8 -g judge
-A INPUT -j ACCEPT
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -m comment --comment "answers" -j ACCEPT
-A FORWARD -s 10.1.0.0/24 -j judge
-A FORWARD -p udp -m udp --dport 5001 -j ACCEPT
-A FORWARD -j tail
-A judge -m mark --mark 0x10/0xf0 -j deep
-A judge -p udp -m udp --dport 5000 -j REJECT --reject-with icmp-port-unreachable
-A judge -p udp -m udp --dport 5001 -j RETURN
-A judge -p udp -m multiport --dports 5002,5003:5004 -j ACCEPT
-A deep -d 10.2.0.2/32 -p icmp -m length --length 84 -j ACCEPT
-A deep -d 10.1.0.1/32 -j RETURN
-A tail -p udp
COMMIT
R
### probe
x() { ip netns exec a ping -c1 -W0.5 "$@" 2>&1; }
u() { echo hi | ip netns exec $1 nc -u -w1 -p $2 $3 $4; }
x 10.2.0.2
x -s 100 10.2.0.2
x 10.1.0.1
u a 4000 10.2.0.2 5000; u a 4001 10.2.0.2 5001; u a 4002 10.2.0.2 5003; u a 4003 10.2.0.2 5005; u b 4004 10.1.0.2 5005
ip netns exec r iptables-save -c | grep -v '^#'
