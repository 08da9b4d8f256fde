# sysctl: reading, writing, patterns, and how it refuses; what a new device inherits.
ns a b
wire a eth0 02:00:00:00:01:01 b eth0 02:00:00:00:01:02
ip -n a addr add 10.1.0.1/24 dev eth0; ip -n b addr add 10.1.0.2/24 dev eth0
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
s() { x ip netns exec a sysctl "$@"; }
s net.ipv4.ip_forward; s -n net.ipv4.ip_forward; s -w net.ipv4.ip_forward=1; s net.ipv4.ip_forward=0; s -qw net.ipv4.ip_forward=1; s -nw net.ipv4.ip_forward=1
s net/ipv4/conf/eth0/forwarding; s net.ipv4.conf.all.forwarding; s -N net.ipv4.ip_forward
s -w net.ipv4.nosuch=1; s net.ipv4.nosuch; s -e net.ipv4.nosuch; s frob; s -w net.ipv4.ip_forward=abc; s -w net.ipv4.ip_default_ttl=300; s -w net.ipv4.ip_forward; s -w net.ipv4.conf.nosuch.rp_filter=1
s net.ipv4.neigh.eth0.base_reachable_time_ms net.ipv4.neigh.eth0.delay_first_probe_time net.ipv4.neigh.eth0.gc_stale_time net.ipv4.neigh.eth0.retrans_time_ms
s -a 2>/dev/null | grep 'ipv4.conf.eth0.*\(arp\|rp_filter\|forwarding\)'; s -a 2>/dev/null | grep 'ipv4.neigh.eth0.*solicit'
s -w net.ipv4.conf.default.arp_notify=1; ip -n a link add br0 type bridge; s net.ipv4.conf.br0.arp_notify net.ipv4.conf.eth0.arp_notify net.ipv4.conf.br0.forwarding
ip -n a link add vlan.5 type bridge; s net/ipv4/conf/vlan.5/rp_filter; s -w net.ipv4.conf.vlan/5.rp_filter=1
ip netns exec a cat /proc/sys/net/ipv4/ip_forward; ip netns exec a bash -c 'echo 0 > /proc/sys/net/ipv4/ip_forward'; s net.ipv4.conf.eth0.forwarding; ip netns exec b sysctl net.ipv4.ip_forward net.bridge.bridge-nf-call-iptables
