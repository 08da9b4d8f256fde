# What NodeLocal DNSCache sets up (a bridge in the place of its dummy, lab 341): packets to a device that is down, past conntrack and NAT.
ip netns add node; ip netns add pod
for n in node pod; do ip -n $n link set lo up; done
ip -n node link add veth0 address 02:00:00:00:34:01 type veth peer name eth0 address 02:00:00:00:34:02 netns pod
ip -n node addr add 10.244.1.1/24 dev veth0; ip -n node link set veth0 up
ip -n pod addr add 10.244.1.5/24 dev eth0; ip -n pod link set eth0 up; ip -n pod route add default via 10.244.1.1
ip netns exec node sysctl -qw net.ipv4.ip_forward=1
ip -n node link add nodelocaldns address 02:00:00:00:34:03 type bridge
ip -n node addr add 169.254.20.10/32 dev nodelocaldns; ip -n node addr add 10.96.0.10/32 dev nodelocaldns
# kube-proxy would lead the service's address elsewhere.
ip netns exec node iptables -t nat -A PREROUTING -d 10.96.0.10 -p udp --dport 53 -j DNAT --to-destination 10.244.9.9:53
ip netns exec node iptables -P INPUT DROP
for ip in 169.254.20.10 10.96.0.10; do for p in tcp udp; do
  ip netns exec node iptables -t raw -I PREROUTING -p $p -d $ip --dport 53 -j NOTRACK -m comment --comment "NodeLocal DNS Cache: skip conntrack"
  ip netns exec node iptables -I INPUT -p $p -d $ip --dport 53 -j ACCEPT -m comment --comment "NodeLocal DNS Cache: allow DNS traffic"
  ip netns exec node iptables -t raw -I OUTPUT -p $p -s $ip --sport 53 -j NOTRACK -m comment --comment "NodeLocal DNS Cache: skip conntrack"
done; done
serve() { ip netns exec node socat UDP4-RECVFROM:53,bind=$1,fork EXEC:cat & }
serve 169.254.20.10; serve 10.96.0.10; sleep 0.5
### probe
ip -n node -4 -br addr show nodelocaldns
ip -n node route show table local dev nodelocaldns
ip -n node route get 10.96.0.10
ip netns exec node iptables-save -t raw | grep -v '^#'
ip netns exec node iptables-save -t filter | grep NodeLocal
ask() { echo ask | ip netns exec pod nc -u -w1 -p $1 $2 53 || echo "exit $?"; }
ask 5001 10.96.0.10; ask 5002 169.254.20.10
ip netns exec node conntrack -L -p udp
ip netns exec node iptables -t raw -nvL PREROUTING
ip netns exec node iptables -t nat -nvL PREROUTING | tail -1
echo "without the rule it is tracked, and led away"
ip netns exec node iptables -t raw -F PREROUTING
ask 5003 10.96.0.10
ip netns exec node conntrack -L -p udp 2>/dev/null | sed 's/sport=[0-9]*//g; s/ [0-9]* src/ src/; s/dport=[0-9]*//g'
