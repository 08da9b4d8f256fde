# What breaks into a connection: REJECT of every kind, before and within it; the death of either end.
ns a r b
wire a eth0 02:00:00:00:01:01 r eth0 02:00:00:00:01:02
wire b eth0 02:00:00:00:02:01 r eth1 02:00:00:00:02:02
ip -n a addr add 10.1.0.1/24 dev eth0; ip -n r addr add 10.1.0.254/24 dev eth0
ip -n b addr add 10.2.0.1/24 dev eth0; ip -n r addr add 10.2.0.254/24 dev eth1
ip -n a route add default via 10.1.0.254; ip -n b route add default via 10.2.0.254
ip -n a neigh add 10.1.0.254 lladdr 02:00:00:00:01:02 dev eth0; ip -n r neigh add 10.1.0.1 lladdr 02:00:00:00:01:01 dev eth0
ip -n b neigh add 10.2.0.254 lladdr 02:00:00:00:02:02 dev eth0; ip -n r neigh add 10.2.0.1 lladdr 02:00:00:00:02:01 dev eth1
fwd r
### probe
A="ip netns exec a"; B="ip netns exec b"; R="ip netns exec r"
$B nc -lk 5000 </dev/null >/dev/null & S=$!
$B nc -lk 5001 </dev/null >/dev/null & T=$!
sleep 0.3
$R iptables -A FORWARD -p tcp --dport 5000 -j REJECT
$A nc -nv -p 4001 10.2.0.1 5000 2>&1; echo "exit $?"
$R iptables -F FORWARD; $R iptables -A FORWARD -p tcp --dport 5000 -j REJECT --reject-with tcp-reset
$A nc -nv -p 4002 10.2.0.1 5000 2>&1; echo "exit $?"
$R iptables -F FORWARD; $R iptables -A FORWARD -p tcp --dport 5000 -j REJECT --reject-with icmp-host-prohibited
$A nc -nv -p 4003 10.2.0.1 5000 2>&1; echo "exit $?"
$R iptables -F FORWARD; $R iptables -A FORWARD -p tcp --dport 5000 -j DROP
$A nc -nv -w1 -p 4004 10.2.0.1 5000 2>&1; echo "exit $?"
$R iptables -F FORWARD
(echo one; sleep 1; echo two; sleep 1) | $A nc -N -p 4005 10.2.0.1 5000 & C=$!
sleep 0.5; $R iptables -A FORWARD -p tcp --dport 5000 -j REJECT --reject-with tcp-reset
wait $C; echo "exit $?"
$R iptables -F FORWARD
(echo one; sleep 1; echo two; sleep 1.2) | $A nc -N -p 4006 10.2.0.1 5001 & C=$!
sleep 0.5; $R iptables -A FORWARD -p tcp --dport 5001 -j REJECT
sleep 1; $R iptables -F FORWARD
wait $C; echo "exit $?"
kill $T; sleep 0.2
$A nc -d -p 4007 10.2.0.1 5000 & C=$!
sleep 0.3; kill -9 $C; sleep 0.3
$A nc -d -p 4008 10.2.0.1 5000 & C=$!
sleep 0.3; kill -9 $S; wait $C; echo "exit $?"
$A nc -nv -p 4009 10.2.0.1 5000 2>&1; echo "exit $?"
