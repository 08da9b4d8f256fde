# Two hosts and two routers on one link: the sender is told of the better first hop, and goes by it.
six() { for n in "$@"; do ip netns add $n; ip netns exec $n sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.router_solicitations=0 net.ipv6.icmp.ratelimit=0; ip -n $n link set lo up; done; }
six h sw r1 r2 t
br sw br0 02:00:00:00:0c:01
wire sw p1 02:00:00:00:0d:01 h eth0 02:00:00:00:00:0a; wire sw p2 02:00:00:00:0d:02 r1 eth0 02:00:00:00:00:01; wire sw p3 02:00:00:00:0d:03 r2 eth0 02:00:00:00:00:02
wire r2 right 02:00:00:00:02:02 t eth0 02:00:00:00:02:0b
for p in p1 p2 p3; do ip -n sw link set $p master br0; done
for r in r1 r2; do ip netns exec $r sysctl -qw net.ipv6.conf.all.forwarding=1; done
ip -n h addr add 2001:db8::a/64 dev eth0; ip -n r1 addr add 2001:db8::1/64 dev eth0; ip -n r2 addr add 2001:db8::2/64 dev eth0
ip -n r2 addr add 2001:db8:5::1/64 dev right; ip -n t addr add 2001:db8:5::5/64 dev eth0; ip -n t -6 route add default via 2001:db8:5::1
ip -n h -6 route add default via fe80::ff:fe00:1 dev eth0; ip -n r1 -6 route add 2001:db8:5::/64 via fe80::ff:fe00:2 dev eth0
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
x ip -n h -6 route get 2001:db8:5::5
x ip netns exec h ping -c3 -i0.4 2001:db8:5::5
x ip -n h -6 route get 2001:db8:5::5 | sed 's/expires [0-9]*sec/expires/'
x ip -n h -6 neigh | sort
