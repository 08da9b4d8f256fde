# Proxy ARP: a router answers for what lies behind it, by its own address, at once if proxy_delay is 0.
ns a r b
wire a eth0 02:00:00:00:02:01 r lan 02:00:00:00:01:01; wire r wan 02:00:00:00:01:02 b eth0 02:00:00:00:02:02
ip -n r addr add 10.1.0.1/24 dev lan; ip -n r addr add 10.2.0.1/24 dev wan; fwd r
ip -n a addr add 10.1.0.2/8 dev eth0; ip -n b addr add 10.2.0.2/24 dev eth0; ip -n b route add default via 10.2.0.1
ip netns exec r sysctl -qw net.ipv4.neigh.lan.proxy_delay=0
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
x ip netns exec a ping -c1 -W1 10.2.0.2; sleep 2.5
ip netns exec r sysctl -w net.ipv4.conf.lan.proxy_arp=1
x ip netns exec a ping -c1 -W1 10.2.0.2
ip -n a neigh show 10.2.0.2
x ip netns exec a ping -c1 -W1 10.1.0.77; sleep 2.5
ip netns exec r sysctl -w net.ipv4.conf.lan.proxy_arp=0
ip -n r neigh add proxy 10.2.0.3 dev lan; ip -n r neigh show proxy
ip -n b addr add 10.2.0.3/24 dev eth0
x ip netns exec a ping -c1 -W1 10.2.0.3
