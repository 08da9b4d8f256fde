# The overlay takes 50 bytes: a full-size ping with DF is told so by the node, then refused at home; fragments without DF pass.
ns n1 n2 p1 p2
wire n1 eth0 02:00:00:00:01:01 n2 eth0 02:00:00:00:01:02
for i in 1 2; do o=$((3-i))
  ip -n n$i addr add 172.20.0.$i/24 dev eth0; fwd n$i
  ip -n n$i link add flannel.1 address 02:00:00:00:0f:0$i type vxlan id 1 dstport 8472 local 172.20.0.$i dev eth0 nolearning
  ip -n n$i addr add 10.42.$i.0/32 dev flannel.1; ip -n n$i link set flannel.1 up
  br n$i cni0 02:00:00:00:0c:0$i; ip -n n$i addr add 10.42.$i.1/24 dev cni0
  wire n$i veth0 02:00:00:00:b0:0$i p$i eth0 02:00:00:00:aa:0$i; ip -n n$i link set veth0 master cni0
  ip -n p$i addr add 10.42.$i.7/24 dev eth0; ip -n p$i route add default via 10.42.$i.1
  ip -n n$i route add 10.42.$o.0/24 via 10.42.$o.0 dev flannel.1 onlink
  ip -n n$i neigh add 10.42.$o.0 lladdr 02:00:00:00:0f:0$o dev flannel.1 nud permanent
  bridge -n n$i fdb append 02:00:00:00:0f:0$o dev flannel.1 dst 172.20.0.$o
done
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
x ip netns exec p1 ping -c1 -W1 -M do -s 1422 10.42.2.7
x ip netns exec p1 ping -c1 -W1 -M do -s 1423 10.42.2.7
ip -n p1 route get 10.42.2.7 | sed 's/expires [0-9]*sec/expires/'
x ip netns exec p1 ping -c1 -W1 -M do -s 1423 10.42.2.7
x ip netns exec p1 ping -c1 -W1 -s 1472 10.42.2.7
x ip netns exec p2 ping -c1 -W1 -M dont -s 1472 10.42.1.7
x ip netns exec n1 ping -c1 -W1 -M do -s 1423 10.42.2.7
ip -n n1 -d link show flannel.1 | grep -o 'mtu [0-9]*' | head -1
