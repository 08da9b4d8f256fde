# NFQUEUE with nobody at the queue: with --queue-bypass the packet is let through, past what else the chain says; without it is lost.
ns n a b; fwd n
i=1; for p in a b; do i=$((i+1)); wire n v$p 02:00:00:00:b0:0$i $p eth0 02:00:00:00:aa:0$i; ip -n $p addr add 10.$i.0.2/24 dev eth0; ip -n n addr add 10.$i.0.1/24 dev v$p; ip -n $p route add default via 10.$i.0.1; done
for n in n a b; do for d in eth0 va vb; do ip netns exec $n sysctl -qw net.ipv4.neigh.$d.delay_first_probe_time=60 2>/dev/null || true; done; done
t() { ip netns exec n iptables -w "$@"; }
t -t mangle -A POSTROUTING -s 10.2.0.2 -m conntrack --ctstate NEW -j NFQUEUE --queue-num 101 --queue-bypass
t -t mangle -A POSTROUTING -s 10.2.0.2 -p icmp -j TOS --set-tos 0x20
t -A FORWARD -p udp --dport 7 -j NFQUEUE --queue-num 102
t -A FORWARD -p udp --dport 8 -j NFQUEUE --queue-balance 103:105 --queue-bypass
for p in 7 8; do ip netns exec b socat -T2 UDP-LISTEN:$p,fork,reuseaddr EXEC:cat >/dev/null 2>&1 & done; sleep 0.3
### probe
ip netns exec a ping -c2 -i 0.2 -W1 10.3.0.2 | sed 's/time=.*//;/rtt/d;s/, time .*//'
for p in 7 8; do echo word | ip netns exec a nc -u -w1 -p 500$p 10.3.0.2 $p || echo "exit $?"; done
ip netns exec n iptables -t mangle -S; ip netns exec n iptables -S FORWARD; ip netns exec n iptables -t mangle -L POSTROUTING -nv; ip netns exec n iptables -L FORWARD -nv
