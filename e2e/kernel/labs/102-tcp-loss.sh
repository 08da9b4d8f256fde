# What is lost between two routers comes again; a connection outlives a hole of two seconds, and a listener's end reaches its client.
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
A="ip netns exec a"; B="ip netns exec b"
$B nc -lk 5000 </dev/null >/tmp/lab102 & S=$!
sleep 0.3
(echo one; sleep 0.8; echo two; sleep 4; echo three; sleep 0.3) | $A nc -N -p 4001 10.2.0.1 5000 & C=$!
sleep 0.4
ip -n r route add blackhole 10.2.0.1/32
sleep 2
ip -n r route del blackhole 10.2.0.1/32
wait $C; echo "exit $?"; cat /tmp/lab102
(echo four; sleep 2; echo five; sleep 0.3) | $A nc -p 4002 10.2.0.1 5000 & C=$!
sleep 1; kill $S; sleep 0.2
wait $C; echo "exit $?"; cat /tmp/lab102; rm /tmp/lab102
