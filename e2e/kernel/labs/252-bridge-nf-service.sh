# A Service between two pods of one bridge: with bridge-nf-call-iptables the answer is turned back on the bridge;
# without it the client gets an answer from the pod, which it did not ask.
ns n a b
br n cni0 02:00:00:00:0c:01
i=0; for p in a b; do i=$((i+1)); wire n veth$i 02:00:00:00:b0:0$i $p eth0 02:00:00:00:aa:0$i; ip -n n link set veth$i master cni0
  ip -n $p addr add 10.244.1.1$i/24 dev eth0; ip -n $p route add default via 10.244.1.1; done
ip -n n addr add 10.244.1.1/24 dev cni0; fwd n
ip netns exec n iptables -t nat -A PREROUTING -d 10.96.0.1/32 -p udp -m udp --dport 53 -j DNAT --to-destination 10.244.1.12:5353
ip netns exec n iptables -A FORWARD -m physdev --physdev-is-bridged -m comment --comment bridged
ip netns exec b nc -luk 5353 >/dev/null &
sleep 0.3
### probe
ip netns exec a ping -c1 -W1 10.244.1.12
echo q | ip netns exec a nc -u -w1 -p 4000 10.96.0.1 53
ip netns exec b ping -c1 -W1 10.244.1.11
ip netns exec n iptables-save -c | grep -v '^#'
ip netns exec n sysctl -w net.bridge.bridge-nf-call-iptables=0
echo q | ip netns exec a nc -u -w1 -p 4001 10.96.0.1 53
ip netns exec a ping -c1 -W1 10.244.1.12
ip netns exec n iptables-save -c | grep -v '^#'
