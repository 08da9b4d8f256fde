# Which tables and chains there are: a table is saved once something changed it; listing it changes nothing.
ns a
### probe
h="ip netns exec a"
$h iptables-save
$h iptables -t nat -nL; $h iptables -t raw -S; $h iptables -t mangle -nvL | grep Chain; $h iptables -t security -S
$h iptables-save
$h iptables -t nat -A POSTROUTING -o eth0 -j MASQUERADE; $h iptables-save | grep -v '^#'
$h iptables -t mangle -N m; $h iptables -t raw -N r; $h iptables -t security -N s; $h iptables -N z; $h iptables -N b
$h iptables-save | grep '^[*:]'
$h iptables -t nat -F; $h iptables -t nat -X; $h iptables-save -t nat | grep -v '^#'
$h ip6tables-save; $h ip6tables -S; $h ip6tables -A FORWARD -s fd00::/8 -d fe80::1 -j REJECT; $h ip6tables-save | grep -v '^#'
$h ip6tables -nvL FORWARD; $h ip6tables -L FORWARD
