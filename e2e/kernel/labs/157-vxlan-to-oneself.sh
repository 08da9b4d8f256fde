# A VXLAN destination that is this host: the frame goes over without outer headers, to that device whatever its address.
ns a r b
wire r left 02:00:00:00:01:01 a eth0 02:00:00:00:01:02
wire r right 02:00:00:00:02:01 b eth0 02:00:00:00:02:02
ip -n a addr add 10.1.0.2/24 dev eth0; ip -n r addr add 10.1.0.1/24 dev left
ip -n r addr add 10.2.0.1/24 dev right; ip -n b addr add 10.2.0.2/24 dev eth0
ip -n a route add default via 10.1.0.1; ip -n b route add default via 10.2.0.1; fwd r
for i in 1 2; do
  ip -n r link add vx$i address 02:00:00:00:0f:0$i type vxlan id $i dstport 8472 local 10.1.0.1
  ip -n r addr add 10.9.$i.1/32 dev vx$i; ip -n r link set vx$i up
done
ip -n r route add 10.3.0.0/24 via 10.3.0.0 dev vx1 onlink
ip -n r neigh add 10.3.0.0 lladdr 02:00:00:00:0f:99 dev vx1 nud permanent
bridge -n r fdb append 02:00:00:00:0f:99 dev vx1 dst 10.1.0.1
ip -n r route add 10.4.0.0/24 via 10.4.0.0 dev vx1 onlink
ip -n r neigh add 10.4.0.0 lladdr 02:00:00:00:0f:98 dev vx1 nud permanent
bridge -n r fdb append 02:00:00:00:0f:98 dev vx1 dst 10.2.0.1 vni 2
ip -n r route add 10.5.0.0/24 via 10.5.0.0 dev vx1 onlink
ip -n r neigh add 10.5.0.0 lladdr 02:00:00:00:0f:97 dev vx1 nud permanent
bridge -n r fdb append 02:00:00:00:0f:97 dev vx1 dst 10.1.0.1 vni 77
### probe
x() { ip netns exec a ping -c1 -W0.4 "$@" 2>&1; echo "exit $?"; }
x -t 3 10.3.0.7
x -t 2 10.4.0.7
x -t 2 10.5.0.7
bridge -n r fdb show dev vx1; bridge -n r fdb show dev vx2
ip -n r -s link show vx1 | grep -v ether; ip -n r -s link show vx2 | grep -v ether
