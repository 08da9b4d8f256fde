# Routes of IPv6: what is accepted, what is refused and in which words, siblings, tables, metrics, and which one is chosen.
six() { for n in "$@"; do ip netns add $n; ip netns exec $n sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.router_solicitations=0 net.ipv6.icmp.ratelimit=0 net.ipv4.icmp_ratelimit=0; ip -n $n link set lo up; done; }
six a b
wire a eth0 02:00:00:00:00:0a b eth0 02:00:00:00:00:0b; wire a eth1 02:00:00:00:01:0a b eth1 02:00:00:00:01:0b
ip -n a addr add 2001:db8::1/64 dev eth0; ip -n a addr add 2001:db8:1::1/64 dev eth1
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
r() { x ip -n a -6 route "$@"; }
r add 2001:db8:5::/64 via 2001:db8::2; r add 2001:db8:5::/64 via 2001:db8::3; r append 2001:db8:5::/64 via 2001:db8::3
r add 2001:db8:6::/64 via 2001:db8:99::1; r add 2001:db8:6::/64 via fe80::1; r add 2001:db8:6::/64 via fe80::1 dev eth0
r add 2001:db8:6::/64 via 2001:db8::1; r add 2001:db8:7::1/64 dev eth0; r add 2001:db8:8::/64
r add prohibit 2001:db8:c::/64 metric 5; r add throw 2001:db8:d::/64; r add unreachable default
r add default via 2001:db8::9 metric 2000; r add 2001:db8:e::/64 dev eth0 src 2001:db8::77; r add 2001:db8:e::/64 dev eth0 src 2001:db8::1
r add 2001:db8:10::/64 nexthop via 2001:db8::2 weight 2 nexthop via 2001:db8:1::2
r add 2001:db8:11::/64 via 2001:db8::2 mtu 1400; r add 2001:db8:12::/64 via fe80::5 dev eth0 onlink; r add 2001:db8:13::/64 via 2001:db8:1::2 table 100
r add 2001:db8:19::/64 via 2001:db8::2 proto static metric 77 advmss 1000 hoplimit 9 pref high
r show; r show table all; r show dev eth1; r show match 2001:db8::5; r show via 2001:db8::2; x ip -n a -d -6 route show 2001:db8:10::/64
r del 2001:db8:5::/64 via 2001:db8::2; r show 2001:db8:5::/64; r del 2001:db8:5::/64; r del 2001:db8:5::/64
r replace 2001:db8:11::/64 via 2001:db8::4; r change 2001:db8:20::/64 via 2001:db8::4; r show 2001:db8:11::/64
for a in 2001:db8:c::1 2001:db8:d::1 2001:db8:77::1 2001:db8:12::1 fe80::7 ::1 2001:db8::2 ff02::5; do r get $a; done
r get fe80::7 oif eth1; r get 2001:db8::2 oif eth1; r get 2001:db8::2 from 2001:db8:1::5 iif eth1; r get 2001:db8:10::5 fibmatch
x ip -n a -6 rule add from 2001:db8::/64 table 100; x ip -n a -6 rule add fwmark 1 lookup 100; x ip -n a -6 rule; x ip -n a -6 rule del fwmark 1
r get 2001:db8:13::1; r get 2001:db8:13::1 from 2001:db8::1; x ip -n a -6 rule flush; x ip -n a -6 rule
r flush dev eth1; r show
