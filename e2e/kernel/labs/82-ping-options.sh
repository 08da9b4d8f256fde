# ping with its options: count, interval, size, TTL, source, quiet, deadline, broadcast, own address, options at odds.
ns a b
wire a eth0 02:00:00:00:01:01 b eth0 02:00:00:00:01:02
ip -n a addr add 10.1.0.1/24 dev eth0; ip -n b addr add 10.1.0.2/24 dev eth0
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
p() { x ip netns exec a ping "$@"; }
p -c3 -i 0.2 10.1.0.2
p -c2 -i 0.3 -q -n 10.1.0.2
p -c1 -s 0 10.1.0.2; p -c1 -s 15 10.1.0.2; p -c1 -s 16 -t 9 10.1.0.2; p -c1 -s 1000 -p ff 10.1.0.2
p -c1 -I eth0 10.1.0.2; p -c1 -I 10.1.0.1 10.1.0.2; p -c1 10.1.0.1; p -c1 127.0.0.1; p -c1 0; p -c1 localhost
p -w1 10.1.0.2 | tail -3
p -c5 -w1 -i 0.6 10.1.0.2
p -c1 -W1 -b 10.1.0.255
ip netns exec b sysctl -qw net.ipv4.icmp_echo_ignore_broadcasts=0; p -c1 -W1 -b 10.1.0.255
ip netns exec b sysctl -qw net.ipv4.icmp_echo_ignore_all=1; p -c2 -i 0.3 -W1 -O 10.1.0.2
