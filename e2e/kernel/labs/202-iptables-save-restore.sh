# Saving and restoring: counters kept with -c, the rest of a table kept with --noflush, one table with -T, nothing with --test.
ns a
h="ip netns exec a"
$h iptables -A INPUT -i lo -p icmp -j ACCEPT; $h iptables -N mine; $h iptables -A mine -s 10.0.0.0/8 -j RETURN
$h iptables -t nat -A OUTPUT -d 192.0.2.1 -j DNAT --to-destination 127.0.0.1
### probe
h="ip netns exec a"
saved() { $h iptables-save "$@" | grep -v '^#'; }
$h ping -c3 -i0.2 127.0.0.1 > /dev/null
saved -c
rules=$($h iptables-save -c)
$h iptables -F; $h iptables -X; $h iptables -P FORWARD DROP
saved -t filter
echo "$rules" | $h iptables-restore -c; saved -c -t filter
echo "$rules" | $h iptables-restore; saved -c -t filter
printf '%s\n' '*filter' ':mine - [0:0]' ':new - [0:0]' '-A mine -j new' 'COMMIT' | $h iptables-restore --noflush
saved -t filter
printf '%s\n' '*filter' '-F mine' '-I mine 1 -j ACCEPT' '-D INPUT 1' '-X new' 'COMMIT' | $h iptables-restore -n
saved -t filter
printf '%s\n' '*filter' '-A INPUT -j DROP' 'COMMIT' '*nat' '-A OUTPUT -j RETURN' 'COMMIT' | $h iptables-restore -T nat -v
saved
printf '%s\n' '*filter' '-A INPUT -j DROP' 'COMMIT' | $h iptables-restore --test; echo "exit $?"
saved -t filter
$h iptables-save -f /dev/stdout -t raw | grep -v '^#'
