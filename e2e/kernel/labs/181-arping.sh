# arping's frames: probing, one answer makes it unicast; telling the neighbours (-U, -A); looking for a double (-D).
ns a b
wire a eth0 02:00:00:00:00:0a b eth0 02:00:00:00:00:0b
ip -n a addr add 10.0.0.1/24 dev eth0; ip -n b addr add 10.0.0.2/24 dev eth0
### probe
on() { ip netns exec "$@"; }
time_out() { sed 's/ *[0-9]*\.[0-9]*ms//'; }
on a arping -c2 -I eth0 10.0.0.2 | time_out
on a arping -c1 -w1 -I eth0 10.0.0.9; echo $?
on a arping -b -c2 10.0.0.2 | time_out
ip -n b neigh
on a arping -U -c1 -I eth0 10.0.0.1; on a arping -A -c1 -I eth0 10.0.0.1
ip -n b neigh replace 10.0.0.1 lladdr 02:00:00:00:00:99 nud stale dev eth0; on a arping -q -U -c1 -I eth0 10.0.0.1; ip -n b neigh
on a arping -D -c2 -I eth0 10.0.0.2 | time_out; on a arping -D -c1 -w1 -I eth0 10.0.0.77; echo $?
on a arping -f -c3 -I eth0 10.0.0.2 | time_out; on a arping -s 10.9.9.9 -I eth0 10.0.0.2 2>&1; on a arping -I lo 127.0.0.1 2>&1
