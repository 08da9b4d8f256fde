# A lost carrier marks broadcast routes, too: all by the device but those to its own addresses.
ns a b
wire a eth0 02:00:00:00:01:01 b eth0 02:00:00:00:01:02
ip -n a addr add 10.1.0.1/24 dev eth0; ip -n b addr add 10.1.0.2/24 dev eth0
ip -n a addr add 10.9.0.1/16 brd 10.9.9.9 dev eth0
ip -n a route add 10.2.0.0/24 via 10.1.0.2; ip -n a route add blackhole 10.3.0.0/24
### probe
ip -n b link set eth0 down; sleep 1.5
ip -n a route show table local; ip -n a route
ip -n a addr add 10.4.0.1/24 brd + dev eth0; ip -n a route add 10.5.0.0/24 via 10.4.0.9
ip -n a route show table local; ip -n a route
ip -n b link set eth0 up; sleep 1.5
ip -n a route show table local; ip -n a route
