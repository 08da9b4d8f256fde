# Marks choose the table: set in PREROUTING for what comes in, in OUTPUT for what starts here, and by the socket.
ns a r b c; wire a eth0 02:00:00:00:01:01 r lan 02:00:00:00:02:01; wire r one 02:00:00:00:02:02 b eth0 02:00:00:00:03:01; wire r two 02:00:00:00:02:03 c eth0 02:00:00:00:04:01; fwd r b c
ip -n a addr add 10.1.0.2/24 dev eth0; ip -n r addr add 10.1.0.1/24 dev lan; ip -n r addr add 10.2.0.1/24 dev one; ip -n b addr add 10.2.0.2/24 dev eth0; ip -n r addr add 10.3.0.1/24 dev two
ip -n c addr add 10.3.0.2/24 dev eth0; for n in b c; do ip -n $n addr add 10.9.0.1/32 dev lo; done; ip -n a route add default via 10.1.0.1; ip -n b route add default via 10.2.0.1
ip -n c route add default via 10.3.0.1; ip -n r route add 10.9.0.0/16 via 10.2.0.2; ip -n r route add 10.9.0.0/16 via 10.3.0.2 table 7
for n in a r b c; do for d in $(ip netns exec $n ls /proc/sys/net/ipv4/neigh); do ip netns exec $n sysctl -qw net.ipv4.neigh.$d.delay_first_probe_time=600; done; done
### probe
x() { "$@" 2>&1 || echo "exit $?"; }; t() { x ip netns exec r iptables -w -t mangle "$@"; }; p() { x ip netns exec $1 ping -c1 -W0.5 -q ${@:2} 10.9.0.1 | sed -n '/transmitted/p;/^ping/p'; }
all() { p a; p r; p a -Q 8; p r -Q 8; }; all; ip -n r rule add fwmark 5/0xf table 7; all; t -A PREROUTING -i lan -p icmp -m tos --tos 8 -j MARK --set-mark 0x15; all
t -A OUTPUT -p icmp -m tos --tos 8 -j MARK --set-mark 0x25; all; x ip -n r route get 10.9.0.1 mark 0x35; x ip -n r route get 10.9.0.1 mark 6
x ip -n r route get 10.9.0.1 from 10.1.0.2 iif lan mark 5; ip netns exec r sysctl -qw net.ipv4.conf.two.rp_filter=1 net.ipv4.conf.one.rp_filter=1; all; p r -m 5; t -F OUTPUT; p r -m 5
ip -n r rule add fwmark 9 prohibit pref 3; p r -m 9; t -A OUTPUT -p icmp -j MARK --set-mark 9; p r; t -F OUTPUT; t -A PREROUTING -i lan -j MARK --set-mark 9
x ip netns exec a ping -c1 -W0.5 10.9.0.1 | sed -n '/From/p'
