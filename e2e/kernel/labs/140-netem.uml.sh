# netem on a veth: delay, loss of everything, what tc says of it; frames are seen where they leave.
ns a b
wire a eth0 02:00:00:00:aa:01 b eth0 02:00:00:00:aa:02
ip -n a addr add 10.0.0.1/24 dev eth0; ip -n b addr add 10.0.0.2/24 dev eth0
for n in a b; do for d in eth0; do ip netns exec $n sysctl -qw net.ipv4.neigh.$d.delay_first_probe_time=60 2>/dev/null || true; done; done
### probe
tc -n a qdisc show
tc -n a qdisc add dev eth0 root netem delay 300ms; tc -n a qdisc show dev eth0; ip -n a link show eth0 | grep -o 'qdisc [a-z]*'
ip netns exec a ping -c2 -i1 -W2 10.0.0.2 | sed 's/time=3[0-9][0-9]/time=3xx/; s/time=6[0-9][0-9]/time=6xx/; s/time=[0-9.]* ms/&/'
tc -n a -j qdisc show dev eth0
tc -n a qdisc add dev eth0 root netem delay 10ms 2>&1; echo "exit $?"
tc -n a qdisc change dev eth0 root netem loss 100% limit 50; tc -n a qdisc show dev eth0
ip netns exec a ping -c2 -W1 10.0.0.2; echo "exit $?"
tc -n a -s qdisc show dev eth0 | grep -o 'dropped [0-9]*'
tc -n a qdisc replace dev eth0 root netem delay 20ms 5ms loss 0.3% duplicate 1%; tc -n a qdisc show dev eth0; tc -n a -j qdisc show dev eth0
tc -n a qdisc replace dev eth0 root netem delay 1.5s rate 1mbit; tc -n a qdisc show dev eth0
tc -n a qdisc replace dev eth0 root netem; tc -n a qdisc show dev eth0
tc -n a qdisc del dev eth0 root; echo "exit $?"; tc -n a qdisc del dev eth0 root 2>&1; echo "exit $?"; tc -n a qdisc show dev eth0
tc -n b qdisc add dev eth0 root netem duplicate 100%
ip netns exec a ping -c1 -W1 10.0.0.2
for words in 'dev nope root netem' 'dev eth0 netem' 'root netem' 'dev eth0 root netem delay foo' 'dev eth0 root netem loss foo' 'dev eth0 root netem loss 101%' 'dev eth0 root foo' 'dev eth0 root handle foo netem'; do
  echo "# $words"; tc -n a qdisc add $words 2>&1; echo "exit $?"
done
tc -n a qdisc change dev eth0 root netem delay 1ms 2>&1; tc -n a qdisc foo 2>&1; tc -n a foo 2>&1; echo "exit $?"
