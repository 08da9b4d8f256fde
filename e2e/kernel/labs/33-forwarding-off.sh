# Without ip_forward a router drops what is not for it, in silence; its own addresses still answer, on any device.
ns h1 r1 r2 h2
wire h1 eth0 02:00:00:00:01:01 r1 left 02:00:00:00:01:02; wire r1 right 02:00:00:00:02:01 r2 left 02:00:00:00:02:02; wire r2 right 02:00:00:00:03:01 h2 eth0 02:00:00:00:03:02
ip -n h1 addr add 10.1.0.10/24 dev eth0; ip -n r1 addr add 10.1.0.1/24 dev left
ip -n r1 addr add 10.2.0.1/30 dev right; ip -n r2 addr add 10.2.0.2/30 dev left
ip -n r2 addr add 10.3.0.1/24 dev right; ip -n h2 addr add 10.3.0.10/24 dev eth0
ip -n h1 route add default via 10.1.0.1; ip -n h2 route add default via 10.3.0.1; fwd r1 r2
ip -n r1 route add 10.3.0.0/24 via 10.2.0.2; ip -n r2 route add 10.1.0.0/24 via 10.2.0.1
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
x ip netns exec h1 ping -c1 -W1 10.3.0.10
ip netns exec r2 sysctl -w net.ipv4.ip_forward=0
x ip netns exec h1 ping -c1 -W1 10.3.0.10
x ip netns exec h1 ping -c1 -W1 10.3.0.1
x ip netns exec h1 ping -c1 -W1 10.2.0.2
x ip netns exec r2 sysctl net.ipv4.conf.left.forwarding net.ipv4.conf.all.forwarding
x ip netns exec r2 sysctl -w net.ipv4.conf.left.forwarding=1
x ip netns exec h1 ping -c1 -W1 10.3.0.10
x ip netns exec r2 sysctl -w net.ipv4.conf.right.forwarding=1
x ip netns exec h1 ping -c1 -W1 10.3.0.10
x ip netns exec h1 traceroute -n -q1 -N1 -w1 -m4 10.3.0.10 | sed 's/ *[0-9.]* ms//'
x ip -n r2 route get 10.1.0.10 from 10.3.0.10 iif right
x ip -n r2 route get 10.1.0.10 from 10.3.0.10 iif lo
