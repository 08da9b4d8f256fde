# Neighbour entries: typed in, changed, of a wrong address, of somebody who does not answer, and proxies.
six() { for n in "$@"; do ip netns add $n; ip netns exec $n sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.router_solicitations=0 net.ipv6.icmp.ratelimit=0 net.ipv4.icmp_ratelimit=0; ip -n $n link set lo up; done; }
six a b
wire a eth0 02:00:00:00:00:0a b eth0 02:00:00:00:00:0b
ip -n a addr add 2001:db8::a/64 dev eth0; ip -n b addr add 2001:db8::b/64 dev eth0
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
x ip -n a neigh add 2001:db8::b lladdr 02:00:00:00:00:0b dev eth0
x ip netns exec a ping -c1 2001:db8::b
x ip -n a neigh; x ip -n a -6 neigh; x ip -n a -4 neigh
x ip -n a neigh add 2001:db8::b lladdr 02:00:00:00:00:0b dev eth0
x ip -n a neigh change 2001:db8::c lladdr 02:00:00:00:00:0c dev eth0
x ip -n a neigh replace 2001:db8::b lladdr 02:00:00:00:00:99 dev eth0
x ip netns exec a ping -c1 -W1 2001:db8::b
x ip -n a neigh del 2001:db8::b dev eth0
x ip -n a neigh del 2001:db8::b dev eth0
x ip netns exec a ping -c1 -W1 2001:db8::b
x ip -n a neigh add 2001:db8::d lladdr 02:00:00:00:00:0d dev eth0 nud stale
x ip -n a neigh add 2001:db8::e dev eth0 nud permanent
x ip netns exec a ping -c1 -W4 2001:db8::99
x ip -n a -6 neigh show nud failed; x ip -n a -6 neigh show 2001:db8::d
x ip -n a -6 neigh get 2001:db8::d dev eth0
x ip -n a -6 neigh add proxy 2001:db8::77 dev eth0; x ip -n a -6 neigh show proxy
x ip -n a -6 neigh flush dev eth0; x ip -n a -6 neigh | sort
