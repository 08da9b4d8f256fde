# How a netns calls others (link_netnsid): numbers are handed out when a link is first spoken of, not when it is listed.
ns a b c d
wire a eth0 02:00:00:00:01:01 b eth0 02:00:00:00:01:02
wire c eth0 02:00:00:00:02:01 a eth1 02:00:00:00:02:02
wire a eth2 02:00:00:00:03:01 d eth0 02:00:00:00:03:02
ip -n b link add x1 address 02:00:00:00:04:01 type veth peer name x2 address 02:00:00:00:04:02
ip -n b link set x1 netns d; ip -n b link set x2 netns c
ip -n d link set x1 up; ip -n c link set x2 up
### probe
ids() { ip -n $1 -j link show dev $2 | grep -o '"link_netnsid":[0-9]*'; }
ids a eth2; ids a eth1; ids a eth0
ids b eth0; ids c x2; ids c eth0; ids d x1; ids d eth0
ip -n c netns list-id | sort; ip -n a netns list-id | sort
ip netns add e; ip -n e link set lo up; ip -n a link add eth3 address 02:00:00:00:05:01 type veth peer name eth0 address 02:00:00:00:05:02 netns e
ids a eth3; ids e eth0 || echo none
ip -n e link set eth0 up; ids e eth0
