# The device of flannel's backend udp as flanneld makes it: a tun device whose program is away has no carrier and takes nothing.
ns n1 n2
wire n1 eth0 02:00:00:00:01:01 n2 eth0 02:00:00:00:01:02; ip -n n1 addr add 172.18.0.1/16 dev eth0
### probe
ip -n n1 tuntap add dev flannel0 mode tun; ip -n n1 link show flannel0 | sed 's/^[0-9]*: //'
ip -n n1 addr add 10.244.1.0/32 dev flannel0; ip -n n1 link set flannel0 mtu 1472 up; ip -n n1 route add 10.244.0.0/16 dev flannel0
ip -n n1 addr show flannel0 | sed 's/^[0-9]*: //'; ip -n n1 route; ip -n n1 route get 10.244.2.2; ip -n n1 tuntap show
ip netns exec n1 ping -c1 -W1 10.244.2.2 | sed 's/time=.*//;/rtt/d'; ip -n n1 -s link show flannel0 | tail -4
ip -n n1 link set flannel0 down; ip -n n1 route; ip -n n1 tuntap del dev flannel0 mode tun; ip -n n1 link show flannel0 2>&1
