# A broadcast reaches its own sender too; a router passes a directed broadcast on only with bc_forwarding.
ns a r b; wire a eth0 02:00:00:00:01:01 r lan 02:00:00:00:02:01; wire r wan 02:00:00:00:02:02 b eth0 02:00:00:00:03:01; fwd r; ip -n a addr add 10.1.0.2/24 brd + dev eth0
ip -n r addr add 10.1.0.1/24 brd + dev lan; ip -n r addr add 10.2.0.1/24 brd + dev wan; ip -n b addr add 10.2.0.2/24 brd + dev eth0; ip -n a route add default via 10.1.0.1
ip -n b route add default via 10.2.0.1
for n in a r b; do ip netns exec $n sysctl -qw net.ipv4.icmp_echo_ignore_broadcasts=0; for d in $(ip netns exec $n ls /proc/sys/net/ipv4/neigh); do ip netns exec $n sysctl -qw net.ipv4.neigh.$d.delay_first_probe_time=60; done; done
### probe
x() { "$@" 2>&1 || echo "exit $?"; }; ip netns exec a timeout 4 nc -lu 5000 > /tmp/got.$$ & sleep 0.2; x ip netns exec a ping -b -c1 -W0.5 10.1.0.255 | sed '/rtt/d'; sleep 0.3
x ip netns exec a ping -b -c1 -W0.5 -q 255.255.255.255 | sed -n '/transmitted/p'; sleep 0.3; echo hello | x ip netns exec a nc -u -b -p 4000 -w1 10.1.0.255 5000; cat /tmp/got.$$
x ip netns exec a ping -c1 -W0.5 -q 10.2.0.255 | sed -n '/transmitted/p'; ip netns exec r sysctl -w net.ipv4.conf.all.bc_forwarding=1
x ip netns exec a ping -b -c1 -W0.5 -q 10.2.0.255 | sed -n '/transmitted/p'; ip netns exec r sysctl -w net.ipv4.conf.lan.bc_forwarding=1
x ip netns exec a ping -b -c1 -W0.5 -q 10.2.0.255 | sed -n '/transmitted/p'; x ip -n r route get 10.2.0.255 from 10.1.0.2 iif lan; x ip -n a route get 10.1.0.255
