# Filter rules see bridged frames; fragments are put together for conntrack and leave in pieces again.
ns n a b
br n cni0 02:00:00:00:0c:01
i=0; for p in a b; do i=$((i+1)); wire n veth$i 02:00:00:00:b0:0$i $p eth0 02:00:00:00:aa:0$i; ip -n n link set veth$i master cni0
  ip -n $p addr add 10.244.1.1$i/24 dev eth0; done
ip netns exec n iptables -A FORWARD -m conntrack --ctstate NEW -s 10.244.1.12 -j DROP
ip netns exec n iptables -A FORWARD -p udp --dport 99 -j REJECT
### probe
ip netns exec a ping -c1 -W1 10.244.1.12
ip netns exec b ping -c1 -W1 10.244.1.11 || echo "exit $?"
ip netns exec a ping -c1 -W1 -s 3000 -M dont 10.244.1.12
echo q | ip netns exec a nc -u -w1 -p 4001 10.244.1.12 99 || echo "exit $?"
ip -n b link set eth0 mtu 1300; ip -n n link set veth2 mtu 1300
ip netns exec a ping -c1 -W1 -s 1400 -M dont 10.244.1.12 || echo "exit $?"
ip netns exec a ping -c1 -W1 -s 1400 -M do 10.244.1.12 || echo "exit $?"
ip netns exec n iptables-save -c | grep -v '^#'
