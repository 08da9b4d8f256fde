# Connections ended from outside: ss -K resets them, tells both ends, and prints what it ended.
ns a b
wire a eth0 02:00:00:00:01:01 b eth0 02:00:00:00:01:02
ip -n a addr add 10.1.0.1/24 dev eth0; ip -n b addr add 10.1.0.2/24 dev eth0
ip -n a neigh add 10.1.0.2 lladdr 02:00:00:00:01:02 dev eth0; ip -n b neigh add 10.1.0.1 lladdr 02:00:00:00:01:01 dev eth0
### probe
A="ip netns exec a"; B="ip netns exec b"
$B nc -lk 5000 </dev/null & S=$!
$B nc -lk 5001 </dev/null & T=$!
sleep 0.5
$A nc -d -p 4001 10.1.0.2 5000 & C=$!; sleep 0.3
$A nc -d -p 4002 10.1.0.2 5001 & D=$!
sleep 0.5
$A ss -tnK dport = :9; echo "none: exit $?"
$A ss -tnK src 10.1.0.1 dst 10.1.0.2 sport = :4001 dport = :5000; echo "one: exit $?"
sleep 0.5
$A ss -tan | sort; $B ss -tan | sort
wait $C; echo "client: exit $?"
$B ss -HtnK state established; echo "from the other end: exit $?"
sleep 0.5
wait $D; echo "client: exit $?"
$A ss -tan | sort; $B ss -tan | sort
# A listener, too, when it is asked for.
$B ss -ltnK sport = :5001; echo "listener: exit $?"
sleep 0.5
$B ss -ltn
$A nc -nvw1 -p 4003 10.1.0.2 5001 2>&1; echo "exit $?"
kill $S $T 2>/dev/null; wait
