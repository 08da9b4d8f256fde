# recent: who knocks too often waits; update against rcheck; remove; a door that opens for those who knocked.
ns a r b; fwd r
wire a eth0 02:00:00:00:0a:01 r ra 02:00:00:00:0a:02; wire b eth0 02:00:00:00:0b:01 r rb 02:00:00:00:0b:02
ip -n a addr add 10.1.0.2/24 dev eth0; ip -n r addr add 10.1.0.1/24 dev ra; ip -n r addr add 10.2.0.1/24 dev rb; ip -n b addr add 10.2.0.2/24 dev eth0
ip -n a route add default via 10.1.0.1; ip -n b route add default via 10.2.0.1
ip -n a neigh add 10.1.0.1 lladdr 02:00:00:00:0a:02 dev eth0; ip -n r neigh add 10.1.0.2 lladdr 02:00:00:00:0a:01 dev ra
ip -n b neigh add 10.2.0.1 lladdr 02:00:00:00:0b:02 dev eth0; ip -n r neigh add 10.2.0.2 lladdr 02:00:00:00:0b:01 dev rb
### probe
x() { ip netns exec r "$@" 2>&1 || echo "exit $?"; }
p() { ip netns exec a ping -c1 -W1 "$@" 2>&1 | sed -n 2p; }
x iptables -A INPUT -p icmp -m recent --name K --rcheck --seconds 3 --hitcount 3 -j DROP
x iptables -A INPUT -p icmp -m recent --name K --set -j ACCEPT
ip netns exec a ping -c6 -i0.2 -W1 10.1.0.1 | grep -o 'icmp_seq=[0-9]*\|.* packet loss' | tr '\n' ' '
sleep 4
p 10.1.0.1
x iptables -nvxL INPUT
x iptables -F INPUT
x iptables -A INPUT -p icmp -m recent --name U --update --seconds 2 --hitcount 2 -j DROP
x iptables -A INPUT -p icmp -m recent --name U --set
ip netns exec a ping -c4 -i0.5 -W1 10.1.0.1 | grep -o 'icmp_seq=[0-9]*\|.* packet loss' | tr '\n' ' '
sleep 1.2; p 10.1.0.1; sleep 2.5; p 10.1.0.1
x iptables -nvxL INPUT
x iptables -F INPUT
x iptables -A INPUT -p udp --dport 7 -m recent --name DOOR --set -j DROP
x iptables -A INPUT -p udp --dport 8 -m recent --name DOOR --remove -j DROP
x iptables -A INPUT -p icmp -m recent --name DOOR ! --rcheck -j DROP
p 10.1.0.1
echo x | ip netns exec a nc -u -w1 -p 4001 10.1.0.1 7; p 10.1.0.1
echo x | ip netns exec a nc -u -w1 -p 4002 10.1.0.1 8; p 10.1.0.1
x iptables -nvxL INPUT
