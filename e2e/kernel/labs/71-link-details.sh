# ip -d link: what a veth, a bridge, its port and a vxlan device say about themselves.
ns node a
br node cni0 02:00:00:00:0c:01
ip -n node addr add 10.9.0.1/24 dev cni0
wire node veth-a 02:00:00:00:b0:0a a eth0 02:00:00:00:aa:0a; ip -n node link set veth-a master cni0
ip -n a addr add 10.9.0.2/24 dev eth0
ip -n node link add flannel.1 address 02:00:00:00:0f:01 type vxlan id 1 dstport 8472 local 10.9.0.1 dev cni0 nolearning
ip -n node addr add 10.42.1.0/32 dev flannel.1; ip -n node link set flannel.1 up
ip -n a link add spare address 02:00:00:00:00:99 type veth peer name spare-peer address 02:00:00:00:00:98
### probe
ip -n a -d link show eth0
ip -n node -d link show flannel.1
ip -n node -d link show veth-a | sed -E 's/(timer) +[0-9.]+/\1 T/g'
ip -n node -d link show cni0 | sed -E 's/(timer) +[0-9.]+/\1 T/g'
ip -n node link set cni0 type bridge ageing_time 1000; ip -n node link set veth-a type bridge_slave hairpin on
bridge -n node link set dev veth-a learning off flood off isolated on neigh_suppress on
ip -n node -d link show veth-a | grep -o 'hairpin.*guard\|learning.*port_id\|neigh_suppress on\|isolated on'
ip -n node -d link show cni0 | grep -o 'ageing_time [0-9]*'
ip -n a link add vx1 address 02:00:00:00:0d:11 type vxlan id 11 dstport 4789 local 10.9.0.2 remote 10.9.0.3 dev eth0 ttl 5
ip -n a link add vx2 address 02:00:00:00:0d:12 type vxlan id 12 dstport 4789
ip -n a -d link show type vxlan
