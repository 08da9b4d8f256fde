# Addresses: secondary ones and what becomes of them, /32, peer, label, scope; the routes each brings.
ns a b
wire a eth0 02:00:00:00:01:01 b eth0 02:00:00:00:01:02
ip -n a addr add 10.1.0.1/24 dev eth0; ip -n b addr add 10.1.0.2/24 dev eth0
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
for d in 10.1.0.3/24 10.1.0.4/25 10.2.0.1/32 10.3.0.1/31 '10.4.0.1/30 brd +' '10.5.0.1/24 label eth0:1' '10.6.0.1/24 scope link' '10.8.0.1 peer 10.8.0.2' '10.9.0.1/24 noprefixroute'; do ip -n a addr add $d dev eth0; done
ip -n a addr show eth0
ip -n a route; ip -n a route show table local
ip -n a -br addr; ip -n a -o -4 addr show eth0; ip -n a addr show eth0 secondary; ip -n a addr show to 10.1.0.0/24; ip -n a addr show label eth0:1
x ip netns exec b ping -c1 -W1 -q 10.1.0.3
x ip netns exec a ping -c1 -W1 -q 10.2.0.1
ip -n a addr del 10.1.0.1/24 dev eth0
ip -n a addr show eth0 | grep 10.1
ip netns exec a sysctl -qw net.ipv4.conf.eth0.promote_secondaries=1
ip -n a addr add 10.7.0.1/24 dev eth0; ip -n a addr add 10.7.0.2/24 dev eth0; ip -n a addr del 10.7.0.1/24 dev eth0
ip -n a addr show eth0 | grep 10.7; ip -n a route show 10.7.0.0/24
ip -n a addr flush dev eth0; ip -n a -4 addr show eth0; ip -n a route
