# Addresses of IPv6: peers, metrics, lifetimes, complaints, routes by lo that refuse, a small MTU, a new hardware address, another namespace.
six() { for n in "$@"; do ip netns add $n; ip netns exec $n sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.router_solicitations=0 net.ipv6.icmp.ratelimit=0; ip -n $n link set lo up; done; }
six a b
wire a eth0 02:00:00:00:00:0a b eth0 02:00:00:00:00:0b
ip -n a addr add 2001:db8::a/64 dev eth0; ip -n b addr add 2001:db8::b/64 dev eth0
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
a() { x ip -n a -6 addr add "$@"; }
a 2001:db8:3::3/64 peer 2001:db8:4::4 dev eth0; a 2001:db8:5::5/64 dev eth0 metric 300 noprefixroute; a 2001:db8:6::6/64 dev eth0 metric 300
x ip -n a -6 addr show dev eth0; x ip -n a -6 route
a 2001:db8:6::6/129 dev eth0; a 10.0.0.1/24 dev eth0; x ip -n a -4 addr add 2001:db8::1/64 dev eth0; a 2001:db8::zz/64 dev eth0; a 2001:db8:9::9/64; a 2001:db8:9::9/64 dev nosuch
a 2001:db8:9::9/64 dev eth0 scope link; a 2001:db8:9::9/64 broadcast 2001:db8:9::ff dev eth0; a fe80::77/64 dev eth0; x ip -n a addr show scope link
a 2001:db8:a::1 dev eth0; x ip -n a -6 route show 2001:db8:a::1; a 2001:db8:b::/64 dev eth0; x ip -n a addr replace 2001:db8:c::1/64 dev eth0
a 2001:db8:d::1/64 dev lo; x ip -n a -6 route show table all dev lo; x ip netns exec a ping -c1 -W1 2001:db8:d::5
x ip -n a addr del 2001:db8:3::3/64 dev eth0; x ip -n a addr del 2001:db8:9::9/64 dev eth0; x ip -n a -6 route
x ip -n a link set eth0 mtu 1200; x ip -n a addr show dev eth0; x ip -n a link set eth0 mtu 1500; x ip -n a addr show dev eth0
x ip -n a link set eth0 address 02:00:00:00:00:0c; x ip -n a addr show dev eth0
x ip -n a link set eth0 netns b name e9; x ip -n b addr show dev e9; x ip -n b link set e9 up; sleep 1.5; x ip -n b addr show dev e9; x ip -n b -6 route show table all
x ip -n b link del e9; x ip -n b -6 route show table all; x ip -n b addr
