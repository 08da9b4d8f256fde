# What a connection attempt hears: no neighbour, no route, a router's ICMP errors, nothing at all.
ns a r
wire a eth0 02:00:00:00:01:01 r eth0 02:00:00:00:01:02
ip -n a addr add 10.1.0.1/24 dev eth0
ip -n r addr add 10.1.0.254/24 dev eth0
ip -n a route add 10.4.0.0/14 via 10.1.0.254
ip -n r route add unreachable 10.6.0.0/16
ip -n r route add prohibit 10.7.0.0/16
ip -n a route add 10.9.0.0/16 via 10.1.0.254
ip -n r route add blackhole 10.9.0.0/16
fwd r
### probe
A="ip netns exec a"
$A nc -nv -p 4001 10.1.0.9 80 2>&1; echo "exit $?"
$A nc -nv -w1 -p 4002 10.1.0.8 80 2>&1; echo "exit $?"; sleep 2.5
$A nc -nv -p 4003 10.20.0.1 80 2>&1; echo "exit $?"
$A nc -nv -p 4004 10.4.0.1 80 2>&1; echo "exit $?"
$A nc -nv -p 4005 10.6.0.1 80 2>&1; echo "exit $?"
$A nc -nv -p 4006 10.7.0.1 80 2>&1; echo "exit $?"
$A sysctl -w net.ipv4.tcp_syn_retries=1
$A nc -nv -p 4007 10.9.0.1 80 2>&1; echo "exit $?"
$A nc -nv -w1 -p 4008 10.9.0.1 80 2>&1; echo "exit $?"
$A sysctl -w net.ipv4.tcp_syn_linear_timeouts=0
$A nc -nv -p 4009 10.9.0.1 80 2>&1; echo "exit $?"
# Groups, broadcasts and the address that is none.
for d in 10.1.0.255 255.255.255.255 224.0.0.1 0.0.0.0; do $A nc -znv -w1 -p 4010 $d 80 2>&1; echo "exit $?"; done
ip -n a link set eth0 down; $A nc -znv -p 4011 10.6.0.1 80 2>&1; $A nc -znv -p 4012 127.0.0.1 80 2>&1; $A nc -znv -p 4013 10.1.0.1 80 2>&1
