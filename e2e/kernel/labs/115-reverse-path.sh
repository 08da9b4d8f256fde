# rp_filter 0, 1, 2 at a router and at a host, for pings whose answers would leave another way; also ARP is held to it; rules count.
ns a r b; wire a e1 02:00:00:00:01:01 r one 02:00:00:00:02:01; wire a e2 02:00:00:00:01:02 r two 02:00:00:00:02:02; wire r wan 02:00:00:00:02:03 b eth0 02:00:00:00:03:01; fwd r
ip -n a addr add 10.1.0.2/24 dev e1; ip -n a addr add 10.2.0.2/24 dev e2; ip -n a addr add 10.7.0.1/32 dev lo; ip -n r addr add 10.1.0.1/24 dev one; ip -n r addr add 10.2.0.1/24 dev two
ip -n r addr add 10.3.0.1/24 dev wan; ip -n b addr add 10.3.0.2/24 dev eth0; ip -n b route add default via 10.3.0.1; ip -n a route add 10.3.0.0/24 via 10.2.0.1
for n in a r b; do for d in $(ip netns exec $n ls /proc/sys/net/ipv4/neigh); do ip netns exec $n sysctl -qw net.ipv4.neigh.$d.delay_first_probe_time=60; done; done
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
p() { echo "== $*"; x ip netns exec a ping -c1 -W0.5 -q "$@" | sed -n '/transmitted/p'; }
f() { ip netns exec r sysctl -w net.ipv4.conf.all.rp_filter=$1 net.ipv4.conf.two.rp_filter=$2; }
t() { p -I 10.1.0.2 10.3.0.2; p -I 10.7.0.1 10.3.0.2; p -I 10.2.0.2 10.3.0.2; x ip -n r route get 10.3.0.2 from 10.1.0.2 iif two; x ip -n r route get 10.3.0.2 from 10.7.0.1 iif two; x ip -n r route get 10.3.0.1 from 10.7.0.1 iif two; }
t; f 0 1; t; f 0 2; t; f 2 1; t; f 1 0; t; ip -n r route add 10.7.0.0/24 dev one; f 0 2; t; f 0 1; ip -n r rule add from 10.3.0.2 to 10.7.0.1 table 9; ip -n r route add 10.7.0.0/24 dev two table 9; t
ip -n r rule add iif wan to 10.1.0.2 table 9; ip -n r route add 10.1.0.2 dev two table 9; t; ip -n r neigh flush all; ip -n a neigh flush all; f 0 1; ip -n a rule add pref 5 to 10.2.0.1 table 5; ip -n a route add 10.2.0.1 dev e2 src 10.1.0.2 table 5
p -I 10.1.0.2 10.2.0.1; sleep 3; ip netns exec r sysctl -w net.ipv4.conf.two.rp_filter=0; p -I 10.1.0.2 10.2.0.1; f 0 1; ip -n r addr del 10.2.0.1/24 dev two; p -I 10.1.0.2 10.2.0.1
