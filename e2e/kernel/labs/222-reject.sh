# REJECT with every ICMP error, in FORWARD, INPUT and OUTPUT; DROP for comparison; traceroute's marks for them.
ns a r b; fwd r
wire a eth0 02:00:00:00:0a:01 r ra 02:00:00:00:0a:02; wire b eth0 02:00:00:00:0b:01 r rb 02:00:00:00:0b:02
ip -n a addr add 10.1.0.2/24 dev eth0; ip -n r addr add 10.1.0.1/24 dev ra; ip -n r addr add 10.2.0.1/24 dev rb; ip -n b addr add 10.2.0.2/24 dev eth0
ip -n a route add default via 10.1.0.1; ip -n b route add default via 10.2.0.1
ip -n a neigh add 10.1.0.1 lladdr 02:00:00:00:0a:02 dev eth0; ip -n r neigh add 10.1.0.2 lladdr 02:00:00:00:0a:01 dev ra
ip -n b neigh add 10.2.0.1 lladdr 02:00:00:00:0b:02 dev eth0; ip -n r neigh add 10.2.0.2 lladdr 02:00:00:00:0b:01 dev rb
### probe
x() { ip netns exec r "$@" 2>&1 || echo "exit $?"; }
p() { ip netns exec a ping -c1 -W1 "$@" 2>&1 | sed -n 2p; }
for w in icmp-net-unreachable icmp-host-unreachable icmp-proto-unreachable icmp-port-unreachable icmp-net-prohibited icmp-host-prohibited icmp-admin-prohibited; do
x iptables -A FORWARD -d 10.2.0.2 -j REJECT --reject-with $w
p 10.2.0.2
x iptables -F FORWARD
done
x iptables -A INPUT -p icmp -j REJECT
p 10.1.0.1
x iptables -A OUTPUT -d 10.2.0.2 -j REJECT --reject-with icmp-host-prohibited
x ping -c1 -W1 10.2.0.2
x iptables -F OUTPUT
x iptables -I INPUT -p icmp -j DROP
p 10.1.0.1
x iptables -A FORWARD -p udp -j REJECT --reject-with icmp-admin-prohibited
ip netns exec a traceroute -n -w1 -q1 -N1 -m3 10.2.0.2 2>&1 | sed 's/  [0-9.]* ms/ T/g'
ip netns exec a traceroute -n -w1 -q1 -N1 -m3 -I 10.2.0.2 2>&1 | sed 's/  [0-9.]* ms/ T/g'
x iptables -nvxL
