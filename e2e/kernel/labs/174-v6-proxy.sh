# A router that answers for a host behind it: proxy_ndp with an entry for the address, and nothing without.
six() { for n in "$@"; do ip netns add $n; ip netns exec $n sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.router_solicitations=0 net.ipv6.icmp.ratelimit=0; ip -n $n link set lo up; done; }
six a r b
wire a eth0 02:00:00:00:01:0a r left 02:00:00:00:01:01; wire r right 02:00:00:00:02:01 b eth0 02:00:00:00:02:0b
ip netns exec r sysctl -qw net.ipv6.conf.all.forwarding=1
ip -n a addr add 2001:db8::a/64 dev eth0; ip -n r addr add 2001:db8::1/64 dev left
ip -n r -6 route add 2001:db8::b dev right; ip -n b addr add 2001:db8::b/128 dev eth0; ip -n b -6 route add default via fe80::ff:fe00:201 dev eth0
ip -n r -6 neigh add proxy 2001:db8::b dev left
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
x ip netns exec a ping -c1 -W1.5 2001:db8::b
x ip -n r -6 neigh show proxy
sleep 2
x ip netns exec r sysctl -w net.ipv6.conf.left.proxy_ndp=1
x ip netns exec a ping -c1 -W2 2001:db8::b
x ip -n a -6 neigh show 2001:db8::b
x ip -n r -6 neigh del proxy 2001:db8::b dev left
x ip -n r -6 neigh del proxy 2001:db8::b dev left
