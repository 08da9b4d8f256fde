# route get tells the MTU of a route or a learnt one, for packets of this host and for those that come in.
ns a r b
wire r left 02:00:00:00:01:01 a eth0 02:00:00:00:01:02
wire r right 02:00:00:00:02:01 b eth0 02:00:00:00:02:02
ip -n a addr add 10.1.0.2/24 dev eth0; ip -n r addr add 10.1.0.1/24 dev left
ip -n r addr add 10.2.0.1/24 dev right; ip -n b addr add 10.2.0.2/24 dev eth0
ip -n a route add default via 10.1.0.1; ip -n b route add default via 10.2.0.1; fwd r
ip -n r route add 10.7.0.0/24 via 10.2.0.2 mtu 1300; ip -n r route add 10.8.0.0/24 via 10.2.0.2 mtu lock 1400
ip -n r route add 10.9.0.0/24 via 10.2.0.2 advmss 1000
### probe
get() { ip -n r route get $1; ip -n r route get $1 from 10.1.0.2 iif left; ip -n r route get 10.1.0.2 from $1 iif right; }
for n in 7 8 9; do get 10.$n.0.1; done
