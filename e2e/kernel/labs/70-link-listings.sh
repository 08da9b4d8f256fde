# ip link and ip addr show, in every style: full, -br, -o, -4, by type, by master.
ns node a
br node cni0 02:00:00:00:0c:01
ip -n node addr add 10.9.0.1/24 dev cni0
wire node veth-a 02:00:00:00:b0:0a a eth0 02:00:00:00:aa:0a; ip -n node link set veth-a master cni0
ip -n a addr add 10.9.0.2/24 dev eth0
ip -n node link add flannel.1 address 02:00:00:00:0f:01 type vxlan id 1 dstport 8472 local 10.9.0.1 dev cni0 nolearning
ip -n node addr add 10.42.1.0/32 dev flannel.1; ip -n node link set flannel.1 up
ip -n a link add spare address 02:00:00:00:00:99 type veth peer name spare-peer address 02:00:00:00:00:98
### probe
ip -n node addr
ip -n a addr show
ip -n node link; ip -n node -br link; ip -n node -br addr; ip -n node -o link; ip -n node -o addr; ip -n node -4 addr
ip -n node link show cni0; ip -n node link show type bridge; ip -n node link show type vxlan; ip -n node link show master cni0; ip -n a link show up
bridge -n node link; bridge -n node -d link show dev veth-a; bridge -n node fdb show
bridge -n node vlan show
ip -n a link set spare up; ip -n a link show type veth
ip -n a link set spare-peer up; sleep 1.5; ip -n a -br link
ip -n node link add lonely address 02:00:00:00:0c:02 type bridge; ip -n node link set lonely up; sleep 1.5; ip -n node link show lonely
ip netns exec node ifconfig veth-a | head -3
