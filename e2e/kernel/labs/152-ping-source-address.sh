# ping -I ADDRESS asks no route for a source: it binds at once, and a packet that cannot be sent is lost without a word.
ns a b
wire a eth0 02:00:00:00:01:01 b eth0 02:00:00:00:01:02
ip -n a addr add 10.0.0.1/24 dev eth0; ip -n b addr add 10.0.0.2/24 dev eth0
ip -n a route add prohibit 192.168.9.9; ip -n a route add blackhole 192.168.9.8
### probe
x() { ip netns exec a ping -c1 -W0.4 "$@" 2>&1; echo "exit $?"; }
x -I 10.0.0.1 10.0.0.2
x -I 10.0.0.1 203.0.113.9
x -I 10.0.0.7 203.0.113.9
x -I eth0 10.0.0.2
x -I 10.0.0.7 10.0.0.2
x -I 10.0.0.1 10.0.0.255
x -I 10.0.0.7 10.0.0.255
x -I 10.0.0.1 -I eth0 10.0.0.2
x -I 10.0.0.1 -I eth9 10.0.0.2
x -I 10.0.0.7 -I eth9 10.0.0.2
x -I 10.0.0.1 -b 10.0.0.255
x -I 10.0.0.1 0.0.0.0
x -I 10.0.0.1 192.168.9.9
x 192.168.9.9
x -I 10.0.0.1 192.168.9.8
x 192.168.9.8
