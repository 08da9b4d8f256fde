# Packet too big: a router does not cut, the source learns the path MTU and does.
six() { for n in "$@"; do ip netns add $n; ip netns exec $n sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.router_solicitations=0 net.ipv6.icmp.ratelimit=0 net.ipv4.icmp_ratelimit=0; ip -n $n link set lo up; done; }
six a r b
wire a eth0 02:00:00:00:01:0a r left 02:00:00:00:01:01; wire r right 02:00:00:00:02:01 b eth0 02:00:00:00:02:0b
ip netns exec r sysctl -qw net.ipv6.conf.all.forwarding=1
ip -n a addr add 2001:db8:1::a/64 dev eth0; ip -n r addr add 2001:db8:1::1/64 dev left
ip -n r addr add 2001:db8:2::1/64 dev right; ip -n b addr add 2001:db8:2::b/64 dev eth0
ip -n a -6 route add default via 2001:db8:1::1; ip -n b -6 route add default via 2001:db8:2::1
ip -n r link set right mtu 1300; ip -n b link set eth0 mtu 1300
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
x ip netns exec a ping -c1 -s 1252 2001:db8:2::b
x ip netns exec a ping -c1 -W1 -s 1253 2001:db8:2::b
x ip -n a -6 route get 2001:db8:2::b | sed 's/expires [0-9]*sec/expires/'
x ip netns exec a ping -c1 -W1 -s 1253 2001:db8:2::b
x ip netns exec a ping -c1 -W1 -s 3000 2001:db8:2::b
x ip netns exec a ping -c1 -W1 -s 1253 -M do 2001:db8:2::b
x ip netns exec a ping -c1 -W1 -s 1452 2001:db8:1::1
x ip netns exec a ping -c1 -W1 -s 1453 2001:db8:1::1
x ip netns exec a ping -c1 -W1 -s 1453 -M do 2001:db8:1::1
x ip -n a -6 route flush cache
x ip -n a -6 route get 2001:db8:2::b
