# net-tools: route -n, route add and del, and how they refuse.
ns a b
wire a eth0 02:00:00:00:01:01 b eth0 02:00:00:00:01:02
ip -n a addr add 10.1.0.1/24 dev eth0; ip -n b addr add 10.1.0.2/24 dev eth0
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
r() { x ip netns exec a route "$@"; }
r add -net 10.60.0.0 netmask 255.255.255.0 gw 10.1.0.2; r add -net 10.60.0.0 netmask 255.255.255.0 gw 10.1.0.2
r add -net 10.61.0.0/16 gw 10.1.0.2 metric 7; r add -net 10.62.0.0/16 dev eth0; r add -host 10.63.0.5 gw 10.1.0.2; r add -host 10.64.0.5 dev eth0
r add default gw 10.1.0.2; r add -net 10.65.0.0/16 reject
r add -net 10.66.0.0/16 gw 172.16.0.1; r add -net 10.66.0.0/16; r add -net 10.66.0.0/16 dev nosuch
r add -net 10.66.0.1/16 gw 10.1.0.2 2>&1 | head -1
ip -n a route add blackhole 10.67.0.0/16
r -n; r
ip -n a route
r del -net 10.60.0.0 netmask 255.255.255.0 gw 10.1.0.77; r del -net 10.60.0.0 netmask 255.255.255.0; r del -net 10.99.0.0/16
r del -host 10.63.0.5; r del default; r del default; r del -net 10.61.0.0
r -n
