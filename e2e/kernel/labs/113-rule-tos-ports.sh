# Rules by type of service, protocol and port; routes by type of service.
ns a b; wire a e1 02:00:00:00:01:01 b e1 02:00:00:00:02:01; wire a e2 02:00:00:00:01:02 b e2 02:00:00:00:02:02
for i in 1 2; do ip -n a addr add 10.$i.0.1/24 dev e$i; ip -n b addr add 10.$i.0.2/24 dev e$i; done; ip -n b addr add 10.9.0.1/32 dev lo
ip -n a route add 10.9.0.0/16 via 10.1.0.2; ip -n a route add 10.9.0.0/16 via 10.2.0.2 table 9
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
p() { x ip netns exec a ping -c1 -W1 -q "$@" 10.9.0.1 | sed -n '/transmitted/p'; }; g() { x ip -n a route get 10.9.0.1 "$@"; }
ip -n a rule add tos 0x10 table 9; p; p -Q 0x10; p -Q 0x8; p -Q 0x13; p -Q 0xb0; g; g tos 0x10; g tos 0x8; g tos 0x30; ip -n a rule del tos 0x10
ip -n a route add 10.9.0.0/16 tos 0x8 via 10.2.0.2; ip -n a route; p -Q 8; p -Q 4; g tos 8; g tos 4; x ip -n a route add 10.9.0.0/16 tos 5 via 10.2.0.2; ip -n a route add 10.9.0.0/16 tos 0x4 via 10.1.0.2
ip -n a route add 10.9.0.0/16 tos 0x10 via 10.1.0.2; ip -n a route; ip -n a route del 10.9.0.0/16 tos 8; x ip -n a route del 10.9.0.0/16 tos 0xc; ip -n a route flush tos 4; ip -n a route
ip -n a rule add ipproto icmp table 9; p; g; g ipproto icmp; g ipproto udp; ip -n a rule del ipproto icmp
ip -n a rule add ipproto udp dport 5000-5009 table 9; ip -n a rule add ipproto udp sport 4000 table 9
for port in 5000 5010; do echo hi | ip netns exec a nc -u -w1 -p 4001 10.9.0.1 $port; echo hi | ip netns exec a nc -u -w1 -p 4000 10.9.0.1 $port; done
g ipproto udp dport 5001; g ipproto udp sport 4000 dport 9; g ipproto udp sport 5 dport 9; g ipproto tcp dport 5001; g dport 5001; x ip -n a route get 10.9.0.1 ipproto x; x ip -n a route get 10.9.0.1 dport x
