# NEW, ESTABLISHED, RELATED, INVALID at a router, and what is forgotten when.
ns c r s
wire c eth0 02:00:00:00:01:01 r c0 02:00:00:00:01:02
wire r s0 02:00:00:00:02:01 s eth0 02:00:00:00:02:02
ip -n c addr add 10.0.0.2/24 dev eth0; ip -n r addr add 10.0.0.1/24 dev c0
ip -n r addr add 10.1.0.1/24 dev s0; ip -n s addr add 10.1.0.2/24 dev eth0
ip -n c route add default via 10.0.0.1; ip -n s route add default via 10.1.0.1
fwd r
ip netns exec r iptables -P FORWARD DROP
ip netns exec r iptables -A FORWARD -m conntrack --ctstate INVALID -j DROP
ip netns exec r iptables -A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT
ip netns exec r iptables -A FORWARD -m conntrack --ctstate RELATED -j ACCEPT
ip netns exec r iptables -A FORWARD -i c0 -m conntrack --ctstate NEW -j ACCEPT
ip netns exec s nc -luk 53 >/dev/null &
sleep 0.3
### probe
ip netns exec c ping -c2 -i0.3 -W1 10.1.0.2
ip netns exec s ping -c1 -W1 10.0.0.2 || echo "exit $?"
echo q | ip netns exec c nc -u -w1 -p 4000 10.1.0.2 53
echo q | ip netns exec c nc -u -w1 -p 4001 10.1.0.2 54 || echo "exit $?"
echo q | ip netns exec s nc -u -w1 -p 53 10.0.0.2 4000 || echo "exit $?"
echo q | ip netns exec c nc -u -w3 -p 4000 10.1.0.2 53
ip netns exec r conntrack -L 2>&1 | sed 's/ [0-9]* src/ T src/; s/id=[0-9]*/id=N/g' | sort
ip netns exec r sysctl -w net.netfilter.nf_conntrack_udp_timeout=1 net.netfilter.nf_conntrack_icmp_timeout=1
echo q | ip netns exec c nc -u -w1 -p 4002 10.1.0.2 53
ip netns exec c ping -c1 -W1 10.1.0.2
sleep 3
ip netns exec r conntrack -L 2>&1 | sed 's/ [0-9]* src/ T src/; s/id=[0-9]*/id=N/g' | sort
ip netns exec r iptables -L FORWARD -n -v
