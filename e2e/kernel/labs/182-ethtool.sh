# ethtool: settings, driver and statistics by kind of device; the other end of a veth by its index.
ns a b
wire a eth0 02:00:00:00:00:0a b eth0 02:00:00:00:00:0b
br a br0 02:00:00:00:00:0c
ip -n a link add vx type vxlan id 5 dstport 4789
### probe
et() { echo "ethtool $*"; ip netns exec a ethtool "$@" 2>&1; echo $?; }
for dev in lo eth0 br0 vx; do et $dev; et -i $dev; et -S $dev | head -2; done
et nosuch; et -P eth0; et --version
peer=$(ip netns exec a ethtool -S eth0 | sed -n 's/ *peer_ifindex: //p'); ip -n b -o link | grep "^$peer: " | cut -d: -f1,2
ip -n b link set eth0 down; sleep 1.5; et eth0 | grep detected
ip netns exec a tracepath -n 127.0.0.1 | sed 's/ *[0-9]*\.[0-9]*ms//'
