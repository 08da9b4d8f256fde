# How ip addr refuses.
ns a b
wire a eth0 02:00:00:00:01:01 b eth0 02:00:00:00:01:02
ip -n a addr add 10.1.0.1/24 dev eth0; ip -n b addr add 10.1.0.2/24 dev eth0
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
d() { x ip -n a addr "$@"; }
d add 10.1.0.1/24 dev eth0
d add 10.1.0.1/33 dev eth0
d add 10.1.0.256/24 dev eth0
d add foo dev eth0
d add 10.1.0.7/24
d add 10.1.0.7/24 dev nosuch
d del 10.99.0.1/24 dev eth0
d del 10.1.0.1/16 dev eth0
d del 10.1.0.1 dev eth0
d show eth0
d show dev nosuch
d show nosuch
d flush dev nosuch
d flush
d frob
d add 10.1.0.1 dev eth0; d replace 10.1.0.1/32 dev eth0; d del 10.1.0.1/32 dev eth0
