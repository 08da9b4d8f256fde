# What iptables -L -n -v shows of Docker's chains after some traffic: counters, references, policies.
ns host c1 out
br host docker0 02:42:00:00:00:01
ip -n host addr add 172.17.0.1/16 dev docker0
wire host veth1 02:00:00:00:b0:01 c1 eth0 02:42:ac:11:00:02; ip -n host link set veth1 master docker0
ip -n c1 addr add 172.17.0.2/16 dev eth0; ip -n c1 route add default via 172.17.0.1
wire host eth0 02:00:00:00:01:01 out eth0 02:00:00:00:01:02
ip -n host addr add 203.0.113.10/24 dev eth0; ip -n out addr add 203.0.113.99/24 dev eth0; ip -n out route add 172.17.0.0/16 via 203.0.113.10
fwd host
h="ip netns exec host"
$h iptables-restore <<'R'
*filter
:FORWARD DROP [0:0]
:DOCKER - [0:0]
:DOCKER-ISOLATION-STAGE-1 - [0:0]
:DOCKER-ISOLATION-STAGE-2 - [0:0]
:DOCKER-USER - [0:0]
-A FORWARD -j DOCKER-USER
-A FORWARD -j DOCKER-ISOLATION-STAGE-1
-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -o docker0 -j DOCKER
-A FORWARD -i docker0 ! -o docker0 -j ACCEPT
-A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p udp -m udp --dport 80 -j ACCEPT
-A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2
-A DOCKER-ISOLATION-STAGE-1 -j RETURN
-A DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP
-A DOCKER-ISOLATION-STAGE-2 -j RETURN
-A DOCKER-USER -j RETURN
COMMIT
R
$h iptables -t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
### probe
h="ip netns exec host"
ip netns exec c1 ping -c2 -i0.2 -W1 203.0.113.99
ip netns exec out ping -c1 -W1 172.17.0.2 || echo "exit $?"
$h iptables -nvL
$h iptables -t nat -nvL POSTROUTING --line-numbers
$h iptables -L FORWARD -n --line-numbers
$h iptables -nvxL DOCKER-USER
$h iptables -L -n | grep references
$h iptables -v -S FORWARD 3
