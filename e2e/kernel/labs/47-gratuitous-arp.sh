# Gratuitous ARP: arp_notify announces on up and new MAC; who has an entry believes it, who has none stays ignorant.
ns a b
wire a eth0 02:00:00:00:01:01 b eth0 02:00:00:00:01:02
ip -n a addr add 10.1.0.1/24 dev eth0; ip -n b addr add 10.1.0.2/24 dev eth0
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
ip netns exec a ping -c1 -W1 -q 10.1.0.2; sleep 0.3
ip netns exec b sysctl -w net.ipv4.conf.eth0.arp_notify=1
ip -n b link set eth0 address 02:00:00:00:01:77
ip -n a neigh; sleep 0.5
ip -n b addr add 10.1.0.3/24 dev eth0
ip -n a neigh
ip netns exec a sysctl -w net.ipv4.conf.eth0.arp_accept=1
ip -n b link set eth0 address 02:00:00:00:01:78; sleep 0.3
ip -n a neigh | sort
