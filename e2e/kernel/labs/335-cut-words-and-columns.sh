# A device named d is taken for the word dynamic unless dev stands before it; how wide tracepath's column is.
ns a b
wire a eth0 02:00:00:00:04:01 b eth0 02:00:00:00:04:02; ip -n a addr add 10.244.1.2/24 dev eth0; ip -n b addr add 10.244.1.100/24 dev eth0
for n in a b; do ip netns exec $n sysctl -qw net.ipv4.neigh.eth0.delay_first_probe_time=60; done
ip netns exec a tracepath -n 10.244.1.100 | sed 's/[0-9]*\.[0-9]*ms/T/;s/$/|/'; ip netns exec a tracepath -b 10.244.1.100 | sed 's/[0-9]*\.[0-9]*ms/T/;s/$/|/'
### probe
ip -n a link add d type veth peer name p 2>&1; echo "exit $?"
ip -n a link add dev d type veth peer name p 2>&1; echo "exit $?"; ip -n a link set d up 2>&1; echo "exit $?"; ip -n a link set dev d up; echo "exit $?"; ip -n a -br link show d | grep -o '^d@p'
