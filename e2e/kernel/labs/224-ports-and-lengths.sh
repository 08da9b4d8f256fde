# Ports: udp, multiport in its three forms, negations, ranges; length, TTL, TOS and address ranges; what is not that protocol.
ns a r b; fwd r
wire a eth0 02:00:00:00:0a:01 r ra 02:00:00:00:0a:02; wire b eth0 02:00:00:00:0b:01 r rb 02:00:00:00:0b:02
ip -n a addr add 10.1.0.2/24 dev eth0; ip -n r addr add 10.1.0.1/24 dev ra; ip -n r addr add 10.2.0.1/24 dev rb; ip -n b addr add 10.2.0.2/24 dev eth0
ip -n a route add default via 10.1.0.1; ip -n b route add default via 10.2.0.1
ip -n a neigh add 10.1.0.1 lladdr 02:00:00:00:0a:02 dev eth0; ip -n r neigh add 10.1.0.2 lladdr 02:00:00:00:0a:01 dev ra
ip -n b neigh add 10.2.0.1 lladdr 02:00:00:00:0b:02 dev eth0; ip -n r neigh add 10.2.0.2 lladdr 02:00:00:00:0b:01 dev rb
### probe
x() { ip netns exec r "$@" 2>&1 || echo "exit $?"; }
p() { ip netns exec a ping -c1 -W1 "$@" 2>&1 | sed -n 2p; }
x iptables -A FORWARD -p udp --dport 53
x iptables -A FORWARD -p udp --dport 50:60
x iptables -A FORWARD -p udp ! --dport 53
x iptables -A FORWARD -p udp --sport 4000
x iptables -A FORWARD -p udp -m multiport --dports 52,53,70:90
x iptables -A FORWARD -p udp -m multiport ! --dports 53
x iptables -A FORWARD -p udp -m multiport --ports 4000,9
x iptables -A FORWARD -p tcp --dport 53
x iptables -A FORWARD -p icmp --icmp-type echo-request
x iptables -A FORWARD -p icmp --icmp-type port-unreachable
x iptables -A FORWARD -p icmp --icmp-type destination-unreachable
x iptables -A FORWARD -m length --length 84
x iptables -A FORWARD -m length --length 0:50
x iptables -A FORWARD -m ttl --ttl-eq 63
x iptables -A FORWARD -m ttl --ttl-lt 40
x iptables -A FORWARD -m tos --tos 0x10/0x3f
x iptables -A FORWARD -m dscp --dscp 4
x iptables -A FORWARD -m iprange --src-range 10.1.0.0-10.1.0.9
x iptables -A FORWARD -m iprange ! --dst-range 10.2.0.0-10.2.0.1
x iptables -A FORWARD -m addrtype --dst-type UNICAST
x iptables -A INPUT -m addrtype --dst-type LOCAL
x iptables -A FORWARD -m pkttype --pkt-type unicast
x iptables -A FORWARD -m mac --mac-source 02:00:00:00:0a:01
x iptables -A FORWARD -f
for d in 53 60 70; do echo x | ip netns exec a nc -u -w1 -p 4000 10.2.0.2 $d; done
p 10.2.0.2; p -Q 0x10 10.2.0.2; p -t 30 -s 8 10.2.0.2; p 10.1.0.1; p -s 3000 10.2.0.2
x iptables -nvxL
