# Turning IPv6 off and on, taking devices down and up, lifetimes, and what becomes of addresses and routes.
six() { for n in "$@"; do ip netns add $n; ip netns exec $n sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.router_solicitations=0 net.ipv6.icmp.ratelimit=0 net.ipv4.icmp_ratelimit=0; ip -n $n link set lo up; done; }
six a b
wire a eth0 02:00:00:00:00:0a b eth0 02:00:00:00:00:0b
ip -n a addr add 2001:db8::a/64 dev eth0; ip -n b addr add 2001:db8::b/64 dev eth0
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
show() { sleep 1.4; x ip -n a addr show dev eth0; x ip -n a -6 route show table all; }
x ip netns exec a sysctl -w net.ipv6.conf.eth0.disable_ipv6=1; show
x ip -n a addr add 2001:db8::a/64 dev eth0
x ip netns exec a ping -c1 -W1 2001:db8::b
x ip netns exec a sysctl -w net.ipv6.conf.eth0.disable_ipv6=0; show
x ip -n a addr add 2001:db8::a/64 dev eth0; x ip -n a addr add 2001:db8::a/64 dev eth0; x ip -n a addr add 2001:db8::a/128 dev eth0
x ip -n a link set eth0 down; show; x ip -n a addr add 2001:db8::d/64 dev eth0; show; x ip -n a link set eth0 up; show
x ip netns exec a sysctl -w net.ipv6.conf.eth0.keep_addr_on_down=1; x ip -n a link set eth0 down; show; x ip -n a link set eth0 up; show
x ip -n b link set eth0 down; sleep 0.3; x ip -n a addr show dev eth0; x ip -n b link set eth0 up; show
x ip -n a addr add 2001:db8:7::7/64 dev eth0 valid_lft 3 preferred_lft 1 noprefixroute; x ip -n a -6 addr show dev eth0 to 2001:db8:7::/48
sleep 1.5; x ip -n a -6 addr show dev eth0 deprecated; sleep 2.5; x ip -n a -6 addr show dev eth0 to 2001:db8:7::/48
x ip -n a addr del 2001:db8::d dev eth0; x ip -n a addr del 2001:db8::d/64 dev eth0; x ip -n a addr add ff02::5/64 dev eth0; x ip -n a addr add ::1/128 dev eth0
x ip -n a -6 addr flush dev eth0; show
x ip netns exec a sysctl net.ipv6.conf.eth0.addr_gen_mode net.ipv6.conf.eth0.mtu net.ipv6.conf.all.forwarding net.ipv6.conf.lo.disable_ipv6 net.ipv6.bindv6only net.ipv6.icmp.ratemask net.ipv6.neigh.eth0.retrans_time_ms
