# What multus makes with macvlan: eth0 behind the node's bridge, net1 on the node's own link, each with its routes.
ns n m a sw
br sw br0 02:00:00:00:00:ff
wire n eth0 02:00:00:00:01:01 sw e1 02:00:00:00:02:01; wire m eth0 02:00:00:00:01:02 sw e2 02:00:00:00:02:02
ip -n sw link set e1 master br0; ip -n sw link set e2 master br0
ip -n n addr add 172.18.0.1/16 dev eth0; ip -n m addr add 172.18.0.2/16 dev eth0; fwd n
ip -n m addr add 192.168.7.2/24 dev eth0; ip -n n addr add 192.168.7.1/24 dev eth0
br n cni0 02:00:00:00:03:01; ip -n n addr add 10.244.1.1/24 dev cni0
wire a eth0 02:00:00:00:04:01 n veth1 02:00:00:00:05:01; ip -n n link set veth1 master cni0
ip -n a addr add 10.244.1.2/24 dev eth0; ip -n a route add default via 10.244.1.1
ip -n n link add veth1a2b3c4d address 02:00:00:00:06:01 link eth0 netns a type macvlan mode bridge; ip -n a link set veth1a2b3c4d name net1
ip netns exec a sysctl -qw net.ipv4.conf.net1.arp_notify=1
ip -n a addr add 192.168.7.10/24 brd 192.168.7.255 dev net1
for n in n m a; do for d in eth0 cni0 net1; do ip netns exec $n sysctl -qw net.ipv4.neigh.$d.delay_first_probe_time=60 2>/dev/null || true; done; done
### probe
ip -n a link set net1 up; sleep 0.3
ip -n a route
ip netns exec a ping -c1 -W1 192.168.7.2 | sed 's/time=.*//;/rtt/d'
ip netns exec a ping -c1 -W1 192.168.7.1 | sed 's/time=.*//;/rtt/d'
ip netns exec a ping -c1 -W1 10.244.1.1 | sed 's/time=.*//;/rtt/d'
