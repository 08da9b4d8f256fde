# Direct routing: the frame goes to the server as it is, which answers the client itself; and a service named by a mark.
ns c n s1
br n br0 02:00:00:00:0b:01
wire c eth0 02:00:00:00:01:01 n e0 02:00:00:00:01:02; ip -n n link set e0 master br0
wire s1 eth0 02:00:00:00:02:01 n e1 02:00:00:00:02:02; ip -n n link set e1 master br0
ip -n c addr add 10.0.0.2/24 dev eth0; ip -n n addr add 10.0.0.1/24 dev br0; ip -n s1 addr add 10.0.0.3/24 dev eth0
ip -n n addr add 10.0.0.100/32 dev br0; ip -n s1 addr add 10.0.0.100/32 dev lo
ip netns exec s1 sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
ip netns exec n sysctl -qw net.bridge.bridge-nf-call-iptables=0 2>/dev/null || true
ip netns exec n sysctl -qw net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.br0.send_redirects=0
ip netns exec n ipvsadm -A -u 10.0.0.100:53 -s rr
ip netns exec n ipvsadm -a -u 10.0.0.100:53 -r 10.0.0.3:53 -g
ip netns exec s1 nc -luk 53 >/dev/null &
sleep 0.5
### probe
echo q | ip netns exec c nc -u -w1 -p 5001 10.0.0.100 53 || echo "exit $?"
echo q | ip netns exec c nc -u -w1 -p 5002 10.0.0.100 54 || echo "exit $?"
ip netns exec n ipvsadm -Ln
ip netns exec n ipvsadm -Lnc | sed 's/[0-9][0-9]:[0-9][0-9]/MM:SS/'
