# ipset: addresses, networks with exceptions, ports, lists of sets, counters; SET enters and removes; a set in use stays.
ns a r b; fwd r
wire a eth0 02:00:00:00:0a:01 r ra 02:00:00:00:0a:02; wire b eth0 02:00:00:00:0b:01 r rb 02:00:00:00:0b:02
ip -n a addr add 10.1.0.2/24 dev eth0; ip -n r addr add 10.1.0.1/24 dev ra; ip -n r addr add 10.2.0.1/24 dev rb; ip -n b addr add 10.2.0.2/24 dev eth0
ip -n a route add default via 10.1.0.1; ip -n b route add default via 10.2.0.1
ip -n a neigh add 10.1.0.1 lladdr 02:00:00:00:0a:02 dev eth0; ip -n r neigh add 10.1.0.2 lladdr 02:00:00:00:0a:01 dev ra
ip -n b neigh add 10.2.0.1 lladdr 02:00:00:00:0b:02 dev eth0; ip -n r neigh add 10.2.0.2 lladdr 02:00:00:00:0b:01 dev rb
### probe
x() { ip netns exec r "$@" 2>&1 || echo "exit $?"; }
p() { ip netns exec a ping -c1 -W1 "$@" 2>&1 | sed -n 2p; }
x ipset create hosts hash:ip counters
x ipset create nets hash:net
x ipset create ports hash:ip,port
x ipset create ppn hash:ip,port,net
x ipset create bits bitmap:port range 0-100
x ipset create all list:set
x ipset add nets 10.1.0.0/24; x ipset add nets 10.1.0.2 nomatch; x ipset add hosts 10.1.0.2
x ipset add ports 10.2.0.2,udp:53; x ipset add ports 10.2.0.2,icmp:echo-request; x ipset add ppn 10.2.0.2,udp:53,10.0.0.0/8; x ipset add bits 50-60
x ipset add all hosts; x ipset add all nets
x iptables -A FORWARD -m set --match-set hosts src
x iptables -A FORWARD -m set ! --match-set hosts src
x iptables -A FORWARD -m set --match-set nets src
x iptables -A FORWARD -m set --match-set ports dst,dst
x iptables -A FORWARD -m set --match-set ppn dst,dst,src
x iptables -A FORWARD -m set --match-set bits dst
x iptables -A FORWARD -m set --match-set all src
x iptables -A FORWARD -m set --match-set all dst -j DROP
x iptables -A FORWARD -p udp -j SET --add-set hosts dst --exist
x iptables -A FORWARD -m set --match-set nope src
p 10.2.0.2
echo x | ip netns exec a nc -u -w1 -p 4001 10.2.0.2 53; p 10.2.0.2
x ipset del nets 10.1.0.2; x ipset del hosts 10.2.0.2; p 10.2.0.2
x iptables -nvxL FORWARD
x ipset list hosts -s | grep -v 'initval\|memory'
x ipset list all
x ipset destroy hosts; x ipset flush hosts; x iptables -F FORWARD; x ipset destroy all; x ipset destroy; x ipset list -n
