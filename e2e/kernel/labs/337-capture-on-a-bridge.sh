# tcpdump on a bridge's own device makes it promiscuous: it shows what goes from port to port; with -p only what is for the bridge itself.
ns h a b
br h br0 02:00:00:00:00:01
i=0; for p in a b; do i=$((i+1)); wire h v$p 02:00:00:00:0b:0$i $p eth0 02:00:00:00:0a:0$i; ip -n h link set v$p master br0; ip -n $p addr add 10.0.0.$i/24 dev eth0; done
ip -n h addr add 10.0.0.254/24 dev br0
for n in h a b; do for d in eth0 br0; do ip netns exec $n sysctl -qw net.ipv4.neigh.$d.delay_first_probe_time=60 2>/dev/null || true; done; done
p() { ip netns exec a ping -c1 -W1 $1 >/dev/null; }
seen() { sed 's/ id [0-9]*,//'; }
ip -n h -d link show br0 | grep -o 'promiscuity [0-9]'
ip netns exec h timeout 3 tcpdump -nn -t -e -i br0 'arp or icmp' 2>/dev/null | seen & sleep 1; ip -n h -d link show br0 | grep -o 'promiscuity [0-9]'; p 10.0.0.2; p 10.0.0.254; wait
echo; ip netns exec h timeout 3 tcpdump -p -nn -t -i br0 icmp 2>/dev/null | seen & sleep 1; ip -n h -d link show br0 | grep -o 'promiscuity [0-9]'; p 10.0.0.2; p 10.0.0.254; wait
### probe
ip -n h -d link show br0 | grep -o 'promiscuity [0-9]'
