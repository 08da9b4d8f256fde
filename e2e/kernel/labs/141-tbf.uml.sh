# tbf, a token bucket on a veth: what it lets pass at once, what waits, what is lost; fifos and fq_codel as tc shows them.
ns a b
wire a eth0 02:00:00:00:aa:01 b eth0 02:00:00:00:aa:02
ip -n a addr add 10.0.0.1/24 dev eth0; ip -n b addr add 10.0.0.2/24 dev eth0
for n in a b; do for d in eth0; do ip netns exec $n sysctl -qw net.ipv4.neigh.$d.delay_first_probe_time=60 2>/dev/null || true; done; done
### probe
ip netns exec a ping -c1 -W1 10.0.0.2
tc -n a qdisc add dev eth0 root tbf rate 8kbit burst 1600 limit 3000; tc -n a qdisc show dev eth0
ip netns exec a ping -c3 -i0.1 -W4 -s 958 10.0.0.2 | grep -c 'bytes from'
ip netns exec a ping -c1 -W1 -s 1400 10.0.0.2 >/dev/null; sleep 5
tc -n a qdisc replace dev eth0 root tbf rate 1mbit burst 32kbit latency 400ms; tc -n a qdisc show dev eth0; tc -n a -j qdisc show dev eth0
tc -n a qdisc replace dev eth0 root tbf rate 10mbit burst 10kb limit 20kb; tc -n a qdisc show dev eth0
ip netns exec a ping -c1 -W1 10.0.0.2
tc -n a qdisc del dev eth0 root
tc -n a qdisc add dev eth0 root tbf 2>&1; echo "exit $?"; tc -n a qdisc add dev eth0 root tbf rate 1mbit burst 1500 2>&1; tc -n a qdisc add dev eth0 root tbf rate foo burst 1500 latency 1ms 2>&1; echo "exit $?"
tc -n a qdisc add dev eth0 root handle 1: pfifo limit 5; tc -n a qdisc show dev eth0
tc -n a qdisc replace dev eth0 root handle 7: bfifo; tc -n a qdisc show dev eth0
tc -n a qdisc add dev eth0 root handle 8: pfifo 2>&1; echo "exit $?"
tc -n a qdisc replace dev eth0 root handle 9: fq_codel; tc -n a qdisc show dev eth0; tc -n a qdisc replace dev eth0 root handle a: pfifo_fast; tc -n a qdisc show dev eth0
ip netns exec a ping -c1 -W1 10.0.0.2; tc -n a -s qdisc show dev eth0
