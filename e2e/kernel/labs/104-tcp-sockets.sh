# Sockets as ss and netstat list them; a port that is taken; TIME-WAIT; data for who has gone is answered with RST.
ns a b
wire a eth0 02:00:00:00:01:01 b eth0 02:00:00:00:01:02
ip -n a addr add 10.1.0.1/24 dev eth0; ip -n b addr add 10.1.0.2/24 dev eth0
ip -n a neigh add 10.1.0.2 lladdr 02:00:00:00:01:02 dev eth0; ip -n b neigh add 10.1.0.1 lladdr 02:00:00:00:01:01 dev eth0
### probe
A="ip netns exec a"; B="ip netns exec b"
$B nc -lk 5000 </dev/null & S=$!
$B nc -lk 10.1.0.2 80 </dev/null & T=$!
sleep 0.3
$B ss -tln | sort; $B ss -tl | sort; $B netstat -tln | sort; $B netstat -tl4 | sort
$A nc -d -p 4001 10.1.0.2 5000 & C=$!
sleep 0.3
$A ss -tn; $B ss -tn; $B ss -tan | sort; $A netstat -tn; $B ss -tanH state established; $B ss -ltn sport = :80
$B ss -tn dst 10.1.0.1; $B ss -tn dport = :4001 and sport = :80
$B socat TCP-LISTEN:5000 PIPE 2>/dev/null || echo "taken: exit $?"
$B socat TCP-LISTEN:80,bind=10.1.0.2 PIPE 2>/dev/null || echo "taken: exit $?"
$B socat TCP-LISTEN:80,bind=10.1.0.77 PIPE 2>/dev/null || echo "not ours: exit $?"
kill $C; sleep 0.3
$A ss -tan; $B ss -tan state established
$A nc -nv -p 4001 10.1.0.2 5000 2>&1; echo "exit $?"
# The server reads once and leaves; what comes later is not wanted.
$B nc -l -W 1 5001 & sleep 0.3
(echo one; sleep 0.5; echo two; sleep 0.5) | $A nc -p 4002 10.1.0.2 5001; echo "exit $?"
kill $S $T
