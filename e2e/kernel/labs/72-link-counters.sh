# Counters: what a device says that it received and sent; ICMP, ARP and flooding counted in bytes.
ns node a
br node cni0 02:00:00:00:0c:01
ip -n node addr add 10.9.0.1/24 dev cni0
wire node veth-a 02:00:00:00:b0:0a a eth0 02:00:00:00:aa:0a; ip -n node link set veth-a master cni0
ip -n a addr add 10.9.0.2/24 dev eth0
ip -n node link add flannel.1 address 02:00:00:00:0f:01 type vxlan id 1 dstport 8472 local 10.9.0.1 dev cni0 nolearning
ip -n node addr add 10.42.1.0/32 dev flannel.1; ip -n node link set flannel.1 up
ip -n a link add spare address 02:00:00:00:00:99 type veth peer name spare-peer address 02:00:00:00:00:98
### probe
ip -n node -s link show veth-a
ip netns exec a ping -c3 -i 0.2 -W1 -q -s 100 10.9.0.1
ip -n a -s link show eth0
ip -n node -s link show veth-a
ip -n node -s link show cni0 | tail -2
ip -n node -s link show flannel.1 | tail -4
ip -n a -s link show lo; ip netns exec a ping -c1 -q 10.9.0.2; ip -n a -s link show lo | tail -1
