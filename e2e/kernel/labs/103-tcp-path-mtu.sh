# A link with a smaller MTU on the way: ICMP tells, segments get shorter. Where it cannot tell, the long never arrive.
ns a r b
wire a eth0 02:00:00:00:01:01 r eth0 02:00:00:00:01:02
wire b eth0 02:00:00:00:02:01 r eth1 02:00:00:00:02:02
ip -n a addr add 10.1.0.1/24 dev eth0; ip -n r addr add 10.1.0.254/24 dev eth0
ip -n b addr add 10.2.0.1/24 dev eth0; ip -n r addr add 10.2.0.254/24 dev eth1
ip -n a route add default via 10.1.0.254; ip -n b route add default via 10.2.0.254
ip -n a neigh add 10.1.0.254 lladdr 02:00:00:00:01:02 dev eth0; ip -n r neigh add 10.1.0.1 lladdr 02:00:00:00:01:01 dev eth0
ip -n b neigh add 10.2.0.254 lladdr 02:00:00:00:02:02 dev eth0; ip -n r neigh add 10.2.0.1 lladdr 02:00:00:00:02:01 dev eth1
fwd r
ip -n r link set eth1 mtu 1300
### probe
A="ip netns exec a"; B="ip netns exec b"
$B nc -l 5000 </dev/null >/tmp/lab103 & sleep 0.3
head -c 1400 /dev/zero | $A nc -N -p 4001 10.2.0.1 5000; echo "exit $?"; wait; wc -c </tmp/lab103
$B nc -l 5000 </dev/null >/tmp/lab103 & sleep 0.3
head -c 20000 /dev/zero | $A nc -N -p 4003 10.2.0.1 5000; echo "exit $?"; wait; wc -c </tmp/lab103; rm /tmp/lab103
ip -n a route get 10.2.0.1 | grep -o 'mtu 1300'
ip -n a route flush cache
# The router's errors have no way back to a.
ip -n r rule add iif lo to 10.1.0.1 blackhole
$B nc -l 5001 </dev/null & S=$!
sleep 0.3
head -c 1400 /dev/zero | $A nc -N -w1 -p 4002 10.2.0.1 5001; echo "exit $?"
kill $S
