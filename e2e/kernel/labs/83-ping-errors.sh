# What ping refuses, and with which exit code.
ns a b
wire a eth0 02:00:00:00:01:01 b eth0 02:00:00:00:01:02
ip -n a addr add 10.1.0.1/24 dev eth0; ip -n b addr add 10.1.0.2/24 dev eth0
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
p() { x ip netns exec a ping "$@"; }
p; p -c1 -W1 nosuchhost; p -c1 -W1 300.1.1.1; p -c1 10.9.9.9; p -c1 10.1.0.255; p -c1 -I nosuch 10.1.0.2; p -c1 -I 10.9.9.9 10.1.0.2
p -c0 10.1.0.2; p -c foo 10.1.0.2; p -t 256 10.1.0.2; p -c1 -t 0 10.1.0.2; p -M foo 10.1.0.2; p -c1 -M do -s 1473 10.1.0.2; p -c1 -6 10.1.0.2
p -z 10.1.0.2 | head -2; p -V | head -1
