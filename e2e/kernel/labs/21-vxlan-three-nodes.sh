# Three nodes, VNI 42 on port 4789, other addresses: each pod reaches each other one, in one hop of the overlay.
ns lan n1 n2 n3 p1 p2 p3
br lan sw 02:00:00:00:50:01
for i in 1 2 3; do
  wire n$i enp0s3 02:00:00:00:01:1$i lan port$i 02:00:00:00:51:1$i; ip -n lan link set port$i master sw
  ip -n n$i addr add 192.168.60.2$i/24 dev enp0s3; fwd n$i
  ip -n n$i link add vxlan.42 address 02:00:00:00:0f:4$i type vxlan id 42 dstport 4789 local 192.168.60.2$i dev enp0s3 nolearning
  ip -n n$i addr add 10.200.$i.0/32 dev vxlan.42; ip -n n$i link set vxlan.42 up
  br n$i cbr0 02:00:00:00:0c:1$i; ip -n n$i addr add 10.200.$i.1/24 dev cbr0
  wire n$i veth0 02:00:00:00:b0:1$i p$i eth0 02:00:00:00:aa:1$i; ip -n n$i link set veth0 master cbr0
  ip -n p$i addr add 10.200.$i.20/24 dev eth0; ip -n p$i route add default via 10.200.$i.1
done
for i in 1 2 3; do for o in 1 2 3; do [ $i = $o ] || {
  ip -n n$i route add 10.200.$o.0/24 via 10.200.$o.0 dev vxlan.42 onlink
  ip -n n$i neigh add 10.200.$o.0 lladdr 02:00:00:00:0f:4$o dev vxlan.42 nud permanent
  bridge -n n$i fdb append 02:00:00:00:0f:4$o dev vxlan.42 dst 192.168.60.2$o; }; done; done
### probe
ip netns exec p1 ping -c1 -W1 10.200.2.20
ip netns exec p2 ping -c1 -W1 10.200.3.20
ip netns exec p3 ping -c1 -W1 10.200.1.20
ip netns exec n3 ping -c1 -W1 10.200.2.20
ip netns exec p1 traceroute -n -q1 -N1 -w1 10.200.3.20 | sed 's/ *[0-9.]* ms//'
bridge -n n1 fdb show dev vxlan.42 | sort
ip -n n1 neigh show dev vxlan.42 | sort
ip -n n2 -br addr
