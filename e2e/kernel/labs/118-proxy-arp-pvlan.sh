# A private VLAN: ports that do not see each other talk through the router, which answers ARP for all (proxy_arp_pvlan).
ns a r b c; br r sw 02:00:00:00:02:00; for n in a b c; do wire r p$n 02:00:00:00:02:0$n $n eth0 02:00:00:00:01:0$n; ip -n r link set p$n master sw; done; fwd r
ip -n a addr add 10.1.0.2/24 dev eth0; ip -n b addr add 10.1.0.3/24 dev eth0; ip -n c addr add 10.1.0.4/24 dev eth0; ip -n r addr add 10.1.0.1/24 dev sw
for p in a b c; do ip -n r link set p$p type bridge_slave isolated on; done; ip netns exec r sysctl -qw net.ipv4.neigh.sw.proxy_delay=0
ip netns exec r sysctl -qw net.ipv4.conf.sw.send_redirects=0 net.ipv4.conf.all.send_redirects=0
### probe
x() { "$@" 2>&1 || echo "exit $?"; }; p() { x ip netns exec $1 ping -c1 -W0.5 -q $2 | sed -n '/transmitted/p'; }; p a 10.1.0.3; sleep 3
ip netns exec r sysctl -w net.ipv4.conf.sw.proxy_arp_pvlan=1; p a 10.1.0.3; x ip -n a neigh | sort; x ip -n b neigh | sort; ip netns exec r sysctl -w net.ipv4.conf.sw.medium_id=0
p c 10.1.0.2; x ip -n c neigh
