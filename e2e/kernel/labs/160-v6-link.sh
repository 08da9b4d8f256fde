# IPv6 on one link: link-local and global addresses, one question by the solicited-node group, the answer, the neighbour asked back by unicast.
six() { for n in "$@"; do ip netns add $n; ip netns exec $n sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.router_solicitations=0 net.ipv6.icmp.ratelimit=0 net.ipv4.icmp_ratelimit=0; ip -n $n link set lo up; done; }
six a b
wire a eth0 02:00:00:00:00:0a b eth0 02:00:00:00:00:0b
ip -n a addr add 2001:db8::a/64 dev eth0; ip -n b addr add 2001:db8::b/64 dev eth0
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
x ip -n a addr; x ip -n a -6 route show table all; x ip -n a -6 addr; x ip -n a -br addr
x ip netns exec a ping -c2 -i0.3 2001:db8::b
x ip -n a -6 neigh; x ip -n b -6 neigh
sleep 5.5
x ip -n a -6 neigh | sort; x ip -n b -6 neigh | sort
x ip netns exec a ping -c1 fe80::ff:fe00:b%eth0
x ip netns exec b ping -c1 fe80::ff:fe00:a%eth0
x ip netns exec a ping -c1 ::1
x ip netns exec a ping -c1 2001:db8::a
x ip netns exec a ping -c1 fe80::ff:fe00:a%eth0
x ip netns exec a ping -c2 -i0.3 ff02::1%eth0
x ip netns exec a ping -c1 2001:db8:1::1
x ip netns exec a sort /proc/net/if_inet6
x ip -n a -6 maddr
