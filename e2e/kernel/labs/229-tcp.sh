# TCP and rules: refused by a reset in FORWARD, INPUT and OUTPUT; flags; how many connections; MSS lowered by hand and to the path's MTU.
ns a r b; fwd r
wire a eth0 02:00:00:00:0a:01 r ra 02:00:00:00:0a:02; wire b eth0 02:00:00:00:0b:01 r rb 02:00:00:00:0b:02
ip -n a addr add 10.1.0.2/24 dev eth0; ip -n r addr add 10.1.0.1/24 dev ra; ip -n r addr add 10.2.0.1/24 dev rb; ip -n b addr add 10.2.0.2/24 dev eth0
ip -n a route add default via 10.1.0.1; ip -n b route add default via 10.2.0.1
ip -n a neigh add 10.1.0.1 lladdr 02:00:00:00:0a:02 dev eth0; ip -n r neigh add 10.1.0.2 lladdr 02:00:00:00:0a:01 dev ra
ip -n b neigh add 10.2.0.1 lladdr 02:00:00:00:0b:02 dev eth0; ip -n r neigh add 10.2.0.2 lladdr 02:00:00:00:0b:01 dev rb
### probe
x() { ip netns exec r "$@" 2>&1 || echo "exit $?"; }
t() { n=$1; shift; port=$((port + 1)); echo hello | ip netns exec $n nc -v -w1 -p $port "$@" 2>&1; echo "exit $?"; }
port=4000
ip netns exec b nc -lk 80 > /dev/null & server=$!
ip netns exec r nc -lk 80 > /dev/null & local=$!
sleep 0.3
x iptables -A FORWARD -p tcp --dport 81 -j REJECT --reject-with tcp-reset
x iptables -A FORWARD -p tcp --dport 82 -j REJECT
x iptables -A INPUT -p tcp -s 10.1.0.2 --dport 80 -j REJECT --reject-with tcp-reset
x iptables -A OUTPUT -p tcp --dport 83 -j REJECT --reject-with tcp-reset
x iptables -A FORWARD -p tcp --syn
x iptables -A FORWARD -p tcp --tcp-flags SYN,ACK,FIN,RST SYN,ACK
x iptables -A FORWARD -p tcp --tcp-flags FIN FIN
x iptables -A FORWARD -p tcp --tcp-option 2
t a -N 10.2.0.2 80; t a 10.2.0.2 81; t a 10.2.0.2 82; t a 10.1.0.1 80; t r 10.2.0.2 83
x iptables -nvxL FORWARD; x iptables -nvxL INPUT; x iptables -nvxL OUTPUT
mss() { ip netns exec b timeout 2 tcpdump -nn -v -l -i eth0 'tcp[tcpflags] == tcp-syn' 2>/dev/null | grep -o 'mss [0-9]*' & sleep 0.7; t a -N 10.2.0.2 80; wait %%; }
mss
x iptables -t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 1000
mss
x iptables -t mangle -R FORWARD 1 -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu
ip -n r link set ra mtu 1300
mss
x iptables -t mangle -nvxL FORWARD
kill $server $local
