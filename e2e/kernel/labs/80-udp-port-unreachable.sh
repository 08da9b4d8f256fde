# UDP to a port where nobody listens: the ICMP that comes back, and what nc makes of it.
ns a b
wire a eth0 02:00:00:00:01:01 b eth0 02:00:00:00:01:02
ip -n a addr add 10.1.0.1/24 dev eth0; ip -n b addr add 10.1.0.2/24 dev eth0
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
n() { echo hello | ip netns exec a nc "$@" 2>&1; echo "exit $?"; }
n -u -w1 -p 4001 10.1.0.2 5000
n -u -w1 -p 4002 10.1.0.1 5000
n -u -z -v -w1 -p 4003 10.1.0.2 5000
n -u -w1 -p 4004 -s 10.1.0.77 10.1.0.2 5000
n -u -w1 -p 4005 10.9.0.2 5000
n -u -w1 -p 4006 10.1.0.255 5000
n -u -w1 10.1.0.2; n -u -w1 10.1.0.2 foo; n -u -w1 10.1.0.2 99999; n -u -w1 nosuchhost 5000
n -u -w1 -p 4009 10.1.0.9 5000
