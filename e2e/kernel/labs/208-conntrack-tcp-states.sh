# The life of a TCP connection in conntrack's events, and what the list shows of it in between.
ns a b; wire a eth0 02:00:00:00:00:0a b eth0 02:00:00:00:00:0b
ip -n a addr add 10.0.0.1/24 dev eth0; ip -n b addr add 10.0.0.2/24 dev eth0
ip -n a neigh add 10.0.0.2 lladdr 02:00:00:00:00:0b dev eth0; ip -n b neigh add 10.0.0.1 lladdr 02:00:00:00:00:0a dev eth0
ip netns exec b iptables -A INPUT -m conntrack --ctstate NEW
### probe
ip netns exec b nc -l -p 80 > /dev/null & sleep 0.3
ip netns exec b timeout 3 conntrack -E -p tcp > events 2>&1 & sleep 0.3
(sleep 1; echo bye) | ip netns exec a nc -N -p 5000 10.0.0.2 80 & sleep 0.5
ip netns exec b conntrack -L -p tcp 2>/dev/null | sed -E 's/ 43[0-9]+ / T /'; ip netns exec b conntrack -L -p tcp --state ESTABLISHED 2>/dev/null | wc -l
sleep 3.5; cat events; rm events
ip netns exec b conntrack -L -p tcp --state TIME_WAIT 2>/dev/null | sed -E 's/ 1[0-9]+ / T /'
