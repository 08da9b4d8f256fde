# Fragments: cut at the sender, carried as they are by routers, put together at the end; the answer is cut again.
ns h1 r1 r2 h2
wire h1 eth0 02:00:00:00:01:01 r1 left 02:00:00:00:01:02; wire r1 right 02:00:00:00:02:01 r2 left 02:00:00:00:02:02; wire r2 right 02:00:00:00:03:01 h2 eth0 02:00:00:00:03:02
ip -n h1 addr add 10.1.0.10/24 dev eth0; ip -n r1 addr add 10.1.0.1/24 dev left
ip -n r1 addr add 10.2.0.1/30 dev right; ip -n r2 addr add 10.2.0.2/30 dev left
ip -n r2 addr add 10.3.0.1/24 dev right; ip -n h2 addr add 10.3.0.10/24 dev eth0
ip -n h1 route add default via 10.1.0.1; ip -n h2 route add default via 10.3.0.1; fwd r1 r2
ip -n r1 route add 10.3.0.0/24 via 10.2.0.2; ip -n r2 route add 10.1.0.0/24 via 10.2.0.1
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
x ip netns exec h1 ping -c1 -W1 -s 1472 10.3.0.10
x ip netns exec h1 ping -c1 -W1 -M dont -s 1473 10.3.0.10
x ip netns exec h1 ping -c1 -W1 -s 4000 10.3.0.10
x ip netns exec h1 ping -c1 -W1 -M do -s 1473 10.3.0.10
ip -n r2 link set right mtu 1000; ip -n h2 link set eth0 mtu 1000
x ip netns exec h1 ping -c1 -W1 -M dont -s 2000 10.3.0.10
x ip netns exec h1 ping -c1 -W1 -t 1 -M dont -s 2000 10.3.0.10
x ip netns exec h1 ping -c1 -W1 -s 65508 10.3.0.10
