# Docker's docker0 and a user-defined network by hand: below each `#$` line what the engine does for it, up to `##`.
# e2e/kernel/docker.test.ts runs the `#$` lines instead, and must see the same frames.
sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 net.ipv4.icmp_ratelimit=0
ns pc; ip link add wan address 02:00:00:00:99:01 type veth peer name eth0 address 02:00:00:00:99:09 netns pc
ip -n pc link set eth0 up; ip link set wan up; ip addr add 203.0.113.1/24 dev wan
ip -n pc addr add 203.0.113.9/24 dev eth0; ip -n pc route add 172.16.0.0/12 via 203.0.113.1
#$ docker network create --subnet 172.18.0.0/16 -o com.docker.network.bridge.name=br-app app >/dev/null
iptables -t nat -N DOCKER; for c in '' -FORWARD -BRIDGE -CT -INTERNAL -USER; do iptables -N DOCKER$c; done
iptables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
iptables -t nat -A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER
iptables -I FORWARD -j DOCKER-FORWARD; iptables -I FORWARD -j DOCKER-USER
for c in BRIDGE INTERNAL CT; do iptables -I DOCKER-FORWARD -j DOCKER-$c; done
sysctl -qw net.ipv4.ip_forward=1; iptables -P FORWARD DROP; i=16
for b in docker0 br-app; do i=$((i+1)); n=172.$i.0
  ip link add $b type bridge; ip addr add $n.1/16 brd 172.$i.255.255 dev $b; ip link set $b up
  iptables -t nat -I POSTROUTING -s $n.0/16 ! -o $b -j MASQUERADE
  iptables -A DOCKER-FORWARD -i $b -j ACCEPT; iptables -A DOCKER ! -i $b -o $b -j DROP
  iptables -A DOCKER-CT -o $b -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT; iptables -A DOCKER-BRIDGE -o $b -j DOCKER
done
##
plug() { ns $1; ip link add v$1 type veth peer name eth0 address $4 netns $1; ip link set v$1 master $2; ip -n $1 addr add $3/16 brd ${3%.0.*}.255.255 dev eth0; ip link set v$1 up; ip -n $1 link set eth0 up; ip -n $1 route add default via ${3%.*}.1; iptables -t raw -A PREROUTING -d $3/32 ! -i $2 -j DROP; }
publish() { iptables -t nat -A DOCKER ! -i $1 -p $3 -m $3 --dport $4 -j DNAT --to-destination $2:$5; iptables -I DOCKER -d $2/32 ! -i $1 -o $1 -p $3 -m $3 --dport $5 -j ACCEPT; }
#$ docker run -d --name web --mac-address 02:42:ac:11:00:02 -p 8080:80 -p 5300:53/udp alpine sleep 1000 >/dev/null
plug web docker0 172.17.0.2 02:42:ac:11:00:02; publish docker0 172.17.0.2 tcp 8080 80; publish docker0 172.17.0.2 udp 5300 53
socat TCP-LISTEN:8080,fork,reuseaddr TCP:172.17.0.2:80 & socat -T5 UDP-LISTEN:5300,fork,reuseaddr UDP:172.17.0.2:53 &
##
#$ docker run -d --name cli --mac-address 02:42:ac:11:00:03 alpine sleep 1000 >/dev/null
plug cli docker0 172.17.0.3 02:42:ac:11:00:03
##
#$ docker run -d --name db --network app --mac-address 02:42:ac:12:00:02 alpine sleep 1000 >/dev/null
plug db br-app 172.18.0.2 02:42:ac:12:00:02
##
ip link set docker0 address 02:42:00:00:00:17; ip link set br-app address 02:42:00:00:00:18; sleep 3
### probe
#$ in_() { docker exec -i "$@"; }
in_() { ip netns exec "$@"; }
##
range() { sysctl -qw net.ipv4.ip_local_port_range="$1 $1"; }
in_ web bash -c 'for n in 1 2 3 4; do echo web | timeout 20 nc -N -l 80; done' & sleep 0.3
echo from outside; ip netns exec pc timeout 3 nc -d -p 41001 203.0.113.1 8080; sleep 0.3
range 40001; echo from the host; timeout 3 nc -d 127.0.0.1 8080; sleep 0.3
range 40002; echo from the container itself; in_ web timeout 3 nc -d -p 41002 203.0.113.1 8080 </dev/null; sleep 0.3
echo from the other network; in_ db timeout 3 nc -d -p 41003 203.0.113.1 8080 </dev/null; sleep 0.3
echo UDP; in_ web timeout 3 nc -u -l 53 </dev/null & sleep 0.3; echo hello | ip netns exec pc nc -u -w1 -p 41004 203.0.113.1 5300; wait $!
in_ cli ping -c1 -W1 172.17.0.2
in_ cli ping -c1 -W1 172.18.0.2 || echo "exit $?"
in_ cli ping -c1 -W1 203.0.113.9
ip netns exec pc ping -c1 -W1 172.17.0.2 || echo "exit $?"
ip netns exec pc timeout 2 nc -d -w1 -p 41005 203.0.113.1 9090; echo "exit $?"
for t in raw nat filter; do iptables -t $t -S; done
