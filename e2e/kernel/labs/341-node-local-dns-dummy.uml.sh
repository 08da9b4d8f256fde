# NodeLocal DNSCache's device: a dummy that is never up. Its addresses are local ones all the same, and answered from.
ns node pod
wire node veth0 02:00:00:00:34:01 pod eth0 02:00:00:00:34:02
ip -n node addr add 10.244.1.1/24 dev veth0
ip -n pod addr add 10.244.1.5/24 dev eth0; ip -n pod route add default via 10.244.1.1
ip -n node link add nodelocaldns address 02:00:00:00:34:03 type dummy
ip -n node addr add 169.254.20.10/32 dev nodelocaldns; ip -n node addr add 10.96.0.10/32 dev nodelocaldns
serve() { ip netns exec node socat UDP4-RECVFROM:53,bind=$1,fork EXEC:cat & }
serve 169.254.20.10; serve 10.96.0.10; sleep 0.5
### probe
ip -n node addr show nodelocaldns
ip -n node route show table local dev nodelocaldns
ip -n node route get 10.96.0.10
ask() { echo ask | ip netns exec pod nc -u -w1 -p $1 $2 53 || echo "exit $?"; }
ask 5001 10.96.0.10; ask 5002 169.254.20.10
ip netns exec pod ping -c1 -W1 169.254.20.10 | grep -c ttl
ip -n node link del nodelocaldns
ask 5003 169.254.20.10
ip -n node route show table local dev nodelocaldns
