# A frame that does not fit in one outer packet still leaves, in fragments, and its route notes the smaller MTU.
ns a r1 r2 b
wire a eth0 02:00:00:00:03:01 r1 lan 02:00:00:00:03:02; wire b eth0 02:00:00:00:04:01 r2 lan 02:00:00:00:04:02
wire r1 eth0 02:00:00:00:01:01 r2 eth0 02:00:00:00:01:02
ip -n a addr add 10.3.1.2/24 dev eth0; ip -n r1 addr add 10.3.1.1/24 dev lan; ip -n a route add default via 10.3.1.1
ip -n b addr add 10.3.2.2/24 dev eth0; ip -n r2 addr add 10.3.2.1/24 dev lan; ip -n b route add default via 10.3.2.1
for i in 1 2; do o=$((3-i)); fwd r$i
  ip -n r$i addr add 172.20.0.$i/24 dev eth0
  ip -n r$i link add vx0 address 02:00:00:00:0f:0$i type vxlan id 1 dstport 8472 local 172.20.0.$i dev eth0 nolearning
  ip -n r$i addr add 10.9.0.$i/32 dev vx0; ip -n r$i link set vx0 up
  ip -n r$i route add 10.3.$o.0/24 via 10.9.0.$o dev vx0 onlink
  ip -n r$i neigh add 10.9.0.$o lladdr 02:00:00:00:0f:0$o dev vx0 nud permanent
  bridge -n r$i fdb append 02:00:00:00:0f:0$o dev vx0 dst 172.20.0.$o
  ip -n r$i link set eth0 mtu 1400
done
### probe
x() { ip netns exec "$@" 2>&1 || echo "exit $?"; }
x r1 ping -c1 -W0.5 -s 1300 10.3.2.2
ip -n r1 route get 10.3.2.2 | sed 's/expires [0-9]*sec/expires/'
x r1 ping -c1 -W0.5 -s 1400 10.3.2.2
ip -n r1 route get 10.3.2.2 | sed 's/expires [0-9]*sec/expires/'
x r1 ping -c1 -W0.5 -s 1400 10.3.2.2
x a ping -c1 -W0.5 -M do -s 1400 10.3.2.1
x a ping -c1 -W0.5 -M do -s 1400 10.3.2.1
ip -n r1 route get 10.3.2.1 | sed 's/expires [0-9]*sec/expires/'; ip -n r2 route get 10.3.1.2 | sed 's/expires [0-9]*sec/expires/'
