# IPv6 on a bridge with two guests and on a macvlan: ports have link-local addresses, groups reach whoever listens, flooding.
six() { for n in "$@"; do ip netns add $n; ip netns exec $n sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.router_solicitations=0 net.ipv6.icmp.ratelimit=0; ip -n $n link set lo up; done; }
six n a b c
br n br0 02:00:00:00:0c:01
for g in a b; do ip -n n link add v$g address 02:00:00:00:00:1$g type veth peer name eth0 address 02:00:00:00:00:0$g netns $g; ip -n n link set v$g up; ip -n $g link set eth0 up; ip -n n link set v$g master br0; done
ip -n n addr add fd00::1/64 dev br0; ip -n a addr add fd00::a/64 dev eth0; ip -n b addr add fd00::b/64 dev eth0
ip -n b link add mv0 address 02:00:00:00:00:0c link eth0 type macvlan mode bridge; ip -n b link set mv0 netns c; ip -n c link set mv0 up; ip -n c addr add fd00::c/64 dev mv0
sleep 1
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
x ip netns exec a ping -c1 fd00::b; x ip netns exec a ping -c1 fd00::1; x ip netns exec a ping -c1 fd00::c
x ip netns exec c ping -c1 -W1.5 fd00::b
x ip netns exec n ping -c1 fd00::a; x ip netns exec n ping -c1 fe80::ff:fe00:b%br0
x ip -n n -6 addr; x ip -n c -6 addr; x ip -n n -6 route | sort
x ip netns exec n sysctl -w net.ipv6.conf.va.disable_ipv6=1; x ip -n n -6 addr show dev va; x ip netns exec a ping -c1 fd00::b
x ip -n n link set br0 down; x ip -n n -6 addr
