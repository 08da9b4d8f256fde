# route get ... iif DEVICE does not ask whether the device is up, or ever was.
ns a b
wire b eth0 02:00:00:00:01:01 a eth0 02:00:00:00:01:02
ip -n a link set eth0 down
### probe
x() { ip -n a route get "$@" iif eth0 2>&1; }
x 10.0.0.1 from 10.0.0.2
fwd() { ip netns exec a sysctl -qw net.ipv4.ip_forward=$1; }
fwd 1; x 10.0.0.1 from 10.0.0.2
ip -n a addr add 10.0.0.1/24 dev eth0
x 10.0.0.1 from 10.0.0.2; x 10.0.0.5 from 10.0.0.2
ip -n a link set eth0 up
x 10.0.0.1 from 10.0.0.2; x 10.0.0.5 from 10.0.0.2
ip -n a link set eth0 down
x 10.0.0.1 from 10.0.0.2; x 10.0.0.5 from 10.0.0.2
fwd 0; x 10.0.0.5 from 10.0.0.2
