# ip monitor without a word, sockets and connections under /proc/net, a bare wait beside servers of the first part.
ns a b; wire a eth0 02:00:00:00:00:0a b eth0 02:00:00:00:00:0b
ip -n a addr add 10.0.0.1/24 dev eth0; ip -n b addr add 10.0.0.2/24 dev eth0
ip netns exec b iptables -A INPUT -m conntrack --ctstate NEW -j ACCEPT
ip netns exec b nc -lk 80 >/dev/null & ip netns exec b nc -luk 53 >/dev/null & sleep 0.3
### probe
ip netns exec a ip monitor > /tmp/monitor.txt & watcher=$!; sleep 0.3
ip -n a addr add 10.8.0.1/24 dev eth0; ip -n a route add 10.9.0.0/16 via 10.0.0.2; ip -n a link set eth0 mtu 1400
ip -n a rule add from 1.2.3.4 lookup 7; ip -n a route del 10.9.0.0/16; ip -n a addr del 10.8.0.1/24 dev eth0
sleep 0.2; kill $watcher; wait; cat /tmp/monitor.txt
ip netns exec b awk '{print $1,$2,$3,$4,$5,$6,$8,$9}' /proc/net/tcp
ip netns exec b awk '{print $2,$3,$4,$5,$6,$8,$9}' /proc/net/udp
ip netns exec b cat /proc/net/tcp6 /proc/net/udp6
ip netns exec a ping -c1 -W1 10.0.0.2 >/dev/null; ip netns exec b sed -E 's/ 1 [0-9]+ / 1 T /; s/id=[0-9]+/id=N/g' /proc/net/nf_conntrack
ip netns exec b conntrack -L 2>&1 | cut -c1-45
(sleep 0.2; exit 3) & (sleep 0.4; exit 4) & wait -n; echo "first $?"; wait -n; echo "second $?"; wait -n; echo "none $?"
find /sys/class/net -maxdepth 1 -name lo; diff <(ip -n a -br addr show lo | awk '{print $3}') <(ip -n b -br addr show lo | awk '{print $3}'); echo "same $?"
ip netns exec a nc -p 4002 10.0.0.2 80 < <(sleep 2) & sleep 0.3; kill $!; sleep 0.1; ip netns exec a ss -Htan
