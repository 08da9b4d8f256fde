# tcpdump's own text: ARP, ICMP and its errors, UDP, TCP, VXLAN, in standard output and read from a file.
ns a b
wire a eth0 02:00:00:00:00:0a b eth0 02:00:00:00:00:0b
ip -n a addr add 10.0.0.1/24 dev eth0; ip -n b addr add 10.0.0.2/24 dev eth0
ip -n a link add vx0 address 02:00:00:00:0f:0a type vxlan id 42 dstport 4789 local 10.0.0.1 remote 10.0.0.2 dev eth0
ip -n b link add vx0 address 02:00:00:00:0f:0b type vxlan id 42 dstport 4789 local 10.0.0.2 remote 10.0.0.1 dev eth0
ip -n a addr add 10.9.0.1/24 dev vx0; ip -n a link set vx0 up; ip -n b addr add 10.9.0.2/24 dev vx0; ip -n b link set vx0 up
### probe
on() { n=$1; shift; ip netns exec $n "$@"; }
dump() { on a tcpdump -n -t --immediate-mode "$@" 2>/dev/null | sed 's/id [0-9]*,/id N,/; s/10.0.0.1.[0-9]* > 10.0.0.2.4789/10.0.0.1.P > 10.0.0.2.4789/; s/10.0.0.2.[0-9]* > 10.0.0.1.4789/10.0.0.2.P > 10.0.0.1.4789/'; }
dump -i eth0 -c 4 & sleep 0.5; on a ping -qc1 10.0.0.2; wait
dump -e -i eth0 -c 4 'icmp or udp' & sleep 0.5; on a sh -c 'echo hi | nc -u -w1 -p 1234 10.0.0.2 9'; on a ping -qc1 10.0.0.2; wait
dump -v -i eth0 -c 2 'udp or icmp' & sleep 0.5; on a sh -c 'echo hi | nc -u -w1 -p 1234 10.0.0.2 9'; wait
dump -i vx0 -c 4 & sleep 0.5; on a ping -qc1 10.9.0.2; wait
dump -i eth0 -c 2 udp & sleep 0.5; on a ping -qc1 10.9.0.2; wait
dump -i any -c 4 icmp or udp & sleep 0.5; on a ping -qc1 10.9.0.2; wait
on a tcpdump --immediate-mode -i eth0 -c 3 -w /tmp/x.$$ icmp 2>/dev/null & sleep 0.5; on a ping -qc2 -i0.2 10.0.0.2; wait
on a tcpdump -ntr /tmp/x.$$ 'icmp[icmptype] = icmp-echo' 2>&1 | sed "s/x.$$/x/; s/id [0-9]*,/id N,/"; rm /tmp/x.$$
on a tcpdump -D; on a tcpdump -i nosuch 2>&1; on a tcpdump -i eth0 tcp and udp 2>&1
