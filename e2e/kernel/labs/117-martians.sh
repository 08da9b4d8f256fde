# Sources and destinations that may not be: one's own address from outside, loopback, martians; accept_local, route_localnet.
ns a r b; wire a eth0 02:00:00:00:01:01 r lan 02:00:00:00:02:01; wire r wan 02:00:00:00:02:02 b eth0 02:00:00:00:03:01; fwd r; ip -n a addr add 10.1.0.2/24 dev eth0
ip -n r addr add 10.1.0.1/24 dev lan; ip -n r addr add 10.2.0.1/24 dev wan; ip -n b addr add 10.2.0.2/24 dev eth0; ip -n a route add default via 10.1.0.1
ip -n b route add default via 10.2.0.1; ip -n a addr add 10.2.0.1/32 dev lo; ip -n a addr add 10.9.0.1/32 dev lo
for n in a r b; do for d in $(ip netns exec $n ls /proc/sys/net/ipv4/neigh); do ip netns exec $n sysctl -qw net.ipv4.neigh.$d.delay_first_probe_time=60; done; done
### probe
x() { "$@" 2>&1 || echo "exit $?"; }; p() { x ip netns exec $1 ping -c1 -W0.5 -q -I $2 $3 | sed -n '/transmitted/p;/ping/p'; }
k() { echo "== $*"; ip netns exec $1 sysctl -qw net.ipv4.conf.$2; }; p a 10.2.0.1 10.1.0.1; x ip -n r route get 10.1.0.1 from 10.2.0.1 iif lan; k r lan.accept_local=1; p a 10.2.0.1 10.1.0.1
x ip -n r route get 10.1.0.1 from 10.2.0.1 iif lan; k r lan.rp_filter=1; x ip -n r route get 10.1.0.1 from 10.2.0.1 iif lan; k r lan.rp_filter=0
x ip -n r route get 10.2.0.2 from 127.0.0.1 iif lan; x ip -n r route get 127.0.0.1 from 10.1.0.2 iif lan; x ip -n r route get 10.1.0.2 from 127.0.0.1
ip -n a route add 127.5.0.0/16 via 10.1.0.1 table 7; ip -n a rule add pref 1 to 127.5.0.0/16 table 7; x ip -n a rule del pref 0; x ip -n a rule add pref 2 table local; p a 10.1.0.2 127.5.0.1
k a eth0.route_localnet=1; p a 10.1.0.2 127.5.0.1; k r all.route_localnet=1; p a 10.1.0.2 127.5.0.1; p a 127.0.0.1 10.1.0.1; x ip -n r route get 127.0.0.1 from 10.1.0.2 iif lan
x ip -n r route get 10.2.0.2 from 127.0.0.1 iif lan; x ip -n r route get 224.0.0.1 from 10.1.0.2 iif lan; x ip -n r route get 10.2.0.2 from 224.0.0.1 iif lan
x ip -n r route get 10.2.0.2 from 255.255.255.255 iif lan; x ip -n r route get 10.2.0.2 from 0.0.0.1 iif lan; x ip -n r route get 0.0.0.1 from 10.1.0.2 iif lan
x ip -n r route get 255.255.255.255 from 10.1.0.2 iif lan; x ip -n r route get 10.1.0.255 from 10.1.0.2 iif lan; x ip -n r route get 10.2.0.255 from 10.1.0.2 iif lan
x ip -n r route get 10.2.0.2 from 10.1.0.255 iif lan; x ip -n r route get 10.2.0.2 from 10.1.0.2 iif wan; x ip -n r route get 10.2.0.2 from 10.1.0.1 iif lan
x ip -n r route get 240.0.0.1 from 10.1.0.2 iif lan; x ip -n r route get 10.2.0.2 from 240.0.0.1 iif lan; x ip -n r route get 10.2.0.2 iif lan
x ip -n r route get 10.2.0.2 from 10.1.0.2 iif lan oif lan; x ip -n r route get 10.2.0.2 from 10.1.0.2 iif lan mark 3; x ip -n r route get 10.2.0.2 from 10.9.0.9 iif lan
ip -n r link set lan down; x ip -n r route get 10.2.0.2 from 10.9.0.9 iif lan
