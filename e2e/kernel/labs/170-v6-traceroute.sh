# traceroute by IPv6: UDP and ICMP probes, a refusing route, a target on the link, what is no IPv6 address.
six() { for n in "$@"; do ip netns add $n; ip netns exec $n sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.router_solicitations=0 net.ipv6.icmp.ratelimit=0; ip -n $n link set lo up; done; }
six a r b
wire a eth0 02:00:00:00:01:0a r left 02:00:00:00:01:01; wire r right 02:00:00:00:02:01 b eth0 02:00:00:00:02:0b
ip netns exec r sysctl -qw net.ipv6.conf.all.forwarding=1
ip -n a addr add 2001:db8:1::a/64 dev eth0; ip -n r addr add 2001:db8:1::1/64 dev left
ip -n r addr add 2001:db8:2::1/64 dev right; ip -n b addr add 2001:db8:2::b/64 dev eth0
ip -n a -6 route add default via 2001:db8:1::1; ip -n b -6 route add default via 2001:db8:2::1
ip -n r -6 route add prohibit 2001:db8:66::/64
### probe
x() { "$@" 2>&1 | sed 's/[0-9.]* ms/T/g'; echo "exit ${PIPESTATUS[0]}"; }
x ip netns exec a traceroute -n -q1 -N1 --sport=5000 2001:db8:2::b
x ip netns exec a traceroute -6 -n -q1 -N1 -I 2001:db8:2::b
x ip netns exec a traceroute -n -q1 -N1 --sport=5000 2001:db8:66::1
x ip netns exec a traceroute -n -q1 -N1 --sport=5000 2001:db8:67::1
x ip netns exec a traceroute -n -q2 -N1 --sport=5000 2001:db8:1::1 100
x ip netns exec a traceroute -4 -n 2001:db8:2::b
x ip netns exec a traceroute -6 -n 10.0.0.1
