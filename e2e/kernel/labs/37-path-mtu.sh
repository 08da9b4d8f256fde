# A narrow link in the middle: Frag needed, the path MTU learned from it, and fragments once DF is off.
ns h1 r1 r2 h2
wire h1 eth0 02:00:00:00:01:01 r1 left 02:00:00:00:01:02; wire r1 right 02:00:00:00:02:01 r2 left 02:00:00:00:02:02; wire r2 right 02:00:00:00:03:01 h2 eth0 02:00:00:00:03:02
ip -n h1 addr add 10.1.0.10/24 dev eth0; ip -n r1 addr add 10.1.0.1/24 dev left
ip -n r1 addr add 10.2.0.1/30 dev right; ip -n r2 addr add 10.2.0.2/30 dev left
ip -n r2 addr add 10.3.0.1/24 dev right; ip -n h2 addr add 10.3.0.10/24 dev eth0
ip -n h1 route add default via 10.1.0.1; ip -n h2 route add default via 10.3.0.1; fwd r1 r2
ip -n r1 route add 10.3.0.0/24 via 10.2.0.2; ip -n r2 route add 10.1.0.0/24 via 10.2.0.1
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
ip -n r1 link set right mtu 1400; ip -n r2 link set left mtu 1400
x ip netns exec h1 ping -c1 -W1 -M do -s 1400 10.3.0.10
ip -n h1 route get 10.3.0.10 | sed 's/expires [0-9]*sec/expires/'
x ip netns exec h1 ping -c1 -W1 -M do -s 1400 10.3.0.10
x ip netns exec h1 ping -c1 -W1 -M do -s 1372 10.3.0.10
x ip netns exec h1 ping -c1 -W1 -s 1400 10.3.0.10
ip -n h1 route flush cache; ip -n h1 route get 10.3.0.10
x ip netns exec h1 ping -c1 -W1 -M dont -s 1400 10.3.0.10
x ip netns exec h1 ping -c3 -i 0.3 -W1 -s 1450 10.3.0.10
x ip netns exec r1 ping -c1 -W1 -M do -s 1400 10.3.0.10
ip -n h2 route get 10.1.0.10 | sed 's/expires [0-9]*sec/expires/'
