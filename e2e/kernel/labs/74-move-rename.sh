# Moving and renaming: a device that changes netns loses addresses and is down; its peer notes the new place.
ns a b c
wire a eth0 02:00:00:00:01:01 b eth0 02:00:00:00:01:02
ip -n a addr add 10.1.0.1/24 dev eth0; ip -n b addr add 10.1.0.2/24 dev eth0
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
ip -n b link set eth0 netns c; sleep 1.5
ip -n a link show eth0; ip -n a route; ip -n b link; ip -n c addr show eth0
ip -n c link set eth0 name uplink; ip -n c link set uplink up; ip -n c addr add 10.1.0.2/24 dev uplink; sleep 1.5
ip -n c addr show uplink; ip -n c route
x ip netns exec a ping -c1 -W1 -q 10.1.0.2
ip -n c link set uplink name wan0; ip -n c -br addr; ip -n c route
x ip netns exec a ping -c1 -W1 -q 10.1.0.2
ip -n c link add p0 mtu 1400 address 02:00:00:00:00:01 type veth peer name p1 mtu 1300 address 02:00:00:00:00:02
ip -n c link show type veth
x ip -n c link set p1 netns a name eth0
ip -n a link; ip -n c link show p0
ip -n a link del p1; ip -n c -br link
