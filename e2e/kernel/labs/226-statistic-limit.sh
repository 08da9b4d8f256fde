# Counting matches: every n-th packet, so many a minute, all together.
ns a r b; fwd r
wire a eth0 02:00:00:00:0a:01 r ra 02:00:00:00:0a:02; wire b eth0 02:00:00:00:0b:01 r rb 02:00:00:00:0b:02
ip -n a addr add 10.1.0.2/24 dev eth0; ip -n r addr add 10.1.0.1/24 dev ra; ip -n r addr add 10.2.0.1/24 dev rb; ip -n b addr add 10.2.0.2/24 dev eth0
ip -n a route add default via 10.1.0.1; ip -n b route add default via 10.2.0.1
ip -n a neigh add 10.1.0.1 lladdr 02:00:00:00:0a:02 dev eth0; ip -n r neigh add 10.1.0.2 lladdr 02:00:00:00:0a:01 dev ra
ip -n b neigh add 10.2.0.1 lladdr 02:00:00:00:0b:02 dev eth0; ip -n r neigh add 10.2.0.2 lladdr 02:00:00:00:0b:01 dev rb
### probe
x() { ip netns exec r "$@" 2>&1 || echo "exit $?"; }
p() { ip netns exec a ping -c1 -W1 "$@" 2>&1 | sed -n 2p; }
x iptables -A INPUT -m statistic --mode nth --every 3 --packet 0 -j DROP
ip netns exec a ping -c6 -i0.2 -W1 10.1.0.1 | grep -o 'icmp_seq=[0-9]*\|.* packet loss' | tr '\n' ' '
x iptables -nvxL INPUT
x iptables -F INPUT
for n in 3 2; do x iptables -A INPUT -p icmp --icmp-type 8 -m statistic --mode nth --every $n -j REJECT --reject-with icmp-host-prohibited; done
ip netns exec a ping -c6 -i0.2 -W1 10.1.0.1 | grep -o 'icmp_seq=[0-9]*\|.* packet loss' | tr '\n' ' '
x iptables -nvxL INPUT
x iptables -F INPUT
x iptables -A INPUT -m limit --limit 6/minute --limit-burst 3 -j ACCEPT
x iptables -A INPUT -j DROP
ip netns exec a ping -c5 -i0.2 -W1 10.1.0.1 | grep -o 'icmp_seq=[0-9]*\|.* packet loss' | tr '\n' ' '
sleep 11
ip netns exec a ping -c3 -i0.2 -W1 10.1.0.1 | grep -o 'icmp_seq=[0-9]*\|.* packet loss' | tr '\n' ' '
x iptables -nvxL INPUT
x iptables -F INPUT
x iptables -A INPUT -m hashlimit --hashlimit-above 2/sec --hashlimit-burst 3 --hashlimit-mode srcip --hashlimit-name h -j DROP
ip netns exec a ping -c8 -i0.2 -W1 10.1.0.1 | grep -o 'icmp_seq=[0-9]*\|.* packet loss' | tr '\n' ' '
x iptables -nvxL INPUT
