# traceroute without a route: -I fails before it says where it goes, UDP after; the device is looked for at the same moments.
ns a b
wire a eth0 02:00:00:00:01:01 b eth0 02:00:00:00:01:02
ip -n a addr add 10.0.0.1/24 dev eth0; ip -n b addr add 10.0.0.2/24 dev eth0
ip -n a route add prohibit 192.168.9.9
### probe
x() { ip netns exec a traceroute -n -q1 -w0.4 -m3 "$@" 2>&1 | sed 's/ [0-9.]* ms/ ms/g'; }
x 203.0.113.9; x -I 203.0.113.9; x 192.168.9.9; x -I 192.168.9.9
x -i eth9 10.0.0.2; x -I -i eth9 10.0.0.2
x -I 10.0.0.2; x -I 10.0.0.9
