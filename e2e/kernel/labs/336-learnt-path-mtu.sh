# ip route show cache: what ICMP taught about single destinations, once a packet came upon it; routes of one next hop share it; flushed, changed, gone.
ns a r b
wire r left 02:00:00:00:01:01 a eth0 02:00:00:00:01:02
wire r right 02:00:00:00:02:01 b eth0 02:00:00:00:02:02
ip -n a addr add 10.1.0.2/24 dev eth0; ip -n r addr add 10.1.0.1/24 dev left
ip -n r addr add 10.2.0.1/24 dev right; ip -n b addr add 10.2.0.2/24 dev eth0
ip -n a route add default via 10.1.0.1; ip -n b route add default via 10.2.0.1; fwd r a
ip -n r link set right mtu 1400; ip -n r route add 10.8.0.0/24 dev right; for i in 1 7; do ip -n b addr add 10.8.0.$i/24 dev lo; done
for n in a r b; do for d in eth0 left right; do ip netns exec $n sysctl -qw net.ipv4.neigh.$d.delay_first_probe_time=60 2>/dev/null || true; done; done
### probe
large() { ip netns exec a ping -c1 -W1 -M do -s 1400 $1 2>&1 | grep -c Frag; }
r() { ip -n a route "$@" | sed 's/expires [0-9]*sec/expires/'; }
large 10.8.0.7; large 10.8.0.1; r show cache; r get 10.8.0.7; r show cache
for w in 10.8.0.7 10.8.0.0/24 'root 10.8.0.0/16' 'match 10.8.0.7' 'dev eth0' 'via 10.1.0.1' 'dev lo'; do echo "of $w"; r show cache $w; done
r show table cache; ip -n a -o route show cache | sed 's/expires [0-9]*sec/expires/'; ip -n a -d route show cache | sed 's/expires [0-9]*sec/expires/'
r get 10.8.0.7 from 10.1.0.77 iif eth0
r add 10.8.0.0/24 via 10.1.0.1; r get 10.8.0.7; large 10.8.0.7; r show cache; r del default; r show cache; r add default via 10.1.0.1; r del 10.8.0.0/24; r show cache
r flush cache; r show cache; r get 10.8.0.7; r show cache; large 10.8.0.7; r show cache
r change default via 10.1.0.1 mtu 1450; r show cache; r get 10.8.0.7
