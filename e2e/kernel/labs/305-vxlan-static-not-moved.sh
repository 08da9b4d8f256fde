# A learning vxlan drops a frame whose source MAC somebody entered with another destination; what it learnt itself moves.
ns a b
wire a eth0 02:00:00:00:01:01 b eth0 02:00:00:00:01:02
ip -n a addr add 10.1.0.1/24 dev eth0; ip -n b addr add 10.1.0.2/24 dev eth0; ip -n b addr add 10.1.0.3/24 dev eth0
ip -n a link add vx0 address 02:00:00:00:0f:01 type vxlan id 1 dstport 4789 local 10.1.0.1 dev eth0
ip -n a addr add 10.9.0.1/24 dev vx0; ip -n a link set vx0 up
mk() { ip -n b link add vx0 address 02:00:00:00:0f:02 type vxlan id 1 dstport 4789 local $1 dev eth0; ip -n b addr add 10.9.0.2/24 dev vx0; ip -n b link set vx0 up
  bridge -n b fdb append 00:00:00:00:00:00 dev vx0 dst 10.1.0.1; }
mk 10.1.0.2
### probe
mk() { ip -n b link add vx0 address 02:00:00:00:0f:02 type vxlan id 1 dstport 4789 local $1 dev eth0; ip -n b addr add 10.9.0.2/24 dev vx0; ip -n b link set vx0 up
  bridge -n b fdb append 00:00:00:00:00:00 dev vx0 dst 10.1.0.1; }
try() { ip netns exec b ping -c1 -W0.4 10.9.0.1; bridge -n a fdb show dev vx0; }
try; sleep 0.2
ip -n b link del vx0; mk 10.1.0.3; try; sleep 0.2
bridge -n a fdb replace 02:00:00:00:0f:02 dev vx0 dst 10.1.0.2; try; sleep 0.2
bridge -n a fdb replace 02:00:00:00:0f:02 dev vx0 dst 10.1.0.2 static; try; sleep 0.2
bridge -n a fdb replace 02:00:00:00:0f:02 dev vx0 dst 10.1.0.3; try
ip -n a -s link show vx0 | grep -v ether
