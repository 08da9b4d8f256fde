# Duplicate address detection: a new address asks for itself and is tentative meanwhile; one that is taken stays so; nodad asks nothing.
six() { for n in "$@"; do ip netns add $n; ip netns exec $n sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.router_solicitations=0 net.ipv6.icmp.ratelimit=0 net.ipv4.icmp_ratelimit=0; ip -n $n link set lo up; done; }
six a b
wire a eth0 02:00:00:00:00:0a b eth0 02:00:00:00:00:0b
ip netns exec a sysctl -qw net.ipv6.conf.all.accept_dad=1 net.ipv6.conf.eth0.accept_dad=1
ip -n b addr add 2001:db8::b/64 dev eth0
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
x ip -n a addr add 2001:db8::a/64 dev eth0
x ip -n a -6 addr show dev eth0 tentative
x ip -n a -6 route show table local
x ip netns exec a ping -c1 -W1 2001:db8::b
sleep 2.5
x ip -n a -6 addr show dev eth0
x ip -n a addr add 2001:db8::b/64 dev eth0
sleep 2.5
x ip -n a -6 addr show dev eth0
x ip -n a -6 addr show dadfailed
x ip -n a addr add 2001:db8::c/64 dev eth0 nodad
x ip -n a -6 addr show dev eth0
x ip netns exec a ping -c1 -W1 -I 2001:db8::c 2001:db8::b
