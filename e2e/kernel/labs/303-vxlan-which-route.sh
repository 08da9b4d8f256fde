# The device of a vxlan is where its default destination is looked for; other entries follow the routes, whatever the device.
ns a b c
wire a eth0 02:00:00:00:01:01 b eth0 02:00:00:00:01:02; wire a eth1 02:00:00:00:02:01 c eth0 02:00:00:00:02:02
ip -n a addr add 10.1.0.1/24 dev eth0; ip -n b addr add 10.1.0.2/24 dev eth0
ip -n a addr add 10.2.0.1/24 dev eth1; ip -n c addr add 10.2.0.2/24 dev eth0
ip -n a link add vx1 address 02:00:00:00:0f:01 type vxlan id 1 dstport 4789 local 10.1.0.1 remote 10.2.0.2 dev eth0
ip -n a addr add 10.9.0.1/24 dev vx1; ip -n a link set vx1 up
for i in 3 4 5; do ip -n a neigh add 10.9.0.$i lladdr 02:00:00:00:0f:0$i dev vx1 nud permanent; done
bridge -n a fdb append 02:00:00:00:0f:03 dev vx1 dst 10.2.0.2
bridge -n a fdb append 02:00:00:00:0f:04 dev vx1 dst 10.2.0.2 via eth0
ip -n a route add blackhole 10.3.0.0/24
bridge -n a fdb append 02:00:00:00:0f:05 dev vx1 dst 10.3.0.2
### probe
bridge -n a fdb show dev vx1
for i in 2 3 4 5; do ip netns exec a ping -c1 -W0.4 10.9.0.$i; sleep 3.4; done
ip -n a -s link show vx1 | grep -v ether
