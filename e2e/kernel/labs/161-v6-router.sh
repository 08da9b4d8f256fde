# A router: hop limits, no route, route types that refuse, a subnet's anycast address, and a host that does not forward.
six() { for n in "$@"; do ip netns add $n; ip netns exec $n sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.router_solicitations=0 net.ipv6.icmp.ratelimit=0 net.ipv4.icmp_ratelimit=0; ip -n $n link set lo up; done; }
six a r b
wire a eth0 02:00:00:00:01:0a r left 02:00:00:00:01:01; wire r right 02:00:00:00:02:01 b eth0 02:00:00:00:02:0b
ip netns exec r sysctl -qw net.ipv6.conf.all.forwarding=1
ip -n a addr add 2001:db8:1::a/64 dev eth0; ip -n r addr add 2001:db8:1::1/64 dev left
ip -n r addr add 2001:db8:2::1/64 dev right; ip -n b addr add 2001:db8:2::b/64 dev eth0
ip -n a -6 route add default via 2001:db8:1::1; ip -n b -6 route add default via 2001:db8:2::1
ip -n r -6 route add prohibit 2001:db8:66::/64; ip -n r -6 route add blackhole 2001:db8:67::/64; ip -n r -6 route add unreachable 2001:db8:68::/64
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
x ip -n r -6 route show table all | sort
for t in 1 2 3; do x ip netns exec a ping -c1 -W1 -t $t 2001:db8:2::b; done
for n in 66 67 68 69; do x ip netns exec a ping -c1 -W1 2001:db8:$n::1; done
x ip netns exec a ping -c1 2001:db8:1::
x ip netns exec a ping -c1 2001:db8:2::1
x ip netns exec a ping -c1 -W1.5 fe80::ff:fe00:20b%eth0
sleep 0.6; x ip netns exec a ping -c1 -W4 2001:db8:2::77
x ip netns exec r sysctl -w net.ipv6.conf.all.forwarding=0
x ip -n r -6 route show table all | sort
x ip netns exec a ping -c1 -W1 2001:db8:2::b
x ip netns exec a ping -c1 -W1 2001:db8:69::1
