# UDP listeners in the background: nc -luk hears all, nc -lu only the first peer; what they wrote is read later.
ns a b
wire a eth0 02:00:00:00:01:01 b eth0 02:00:00:00:01:02
ip -n a addr add 10.1.0.1/24 dev eth0; ip -n b addr add 10.1.0.2/24 dev eth0
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
rm -f /tmp/lab81.*
ip netns exec b nc -luk 5000 > /tmp/lab81.all & all=$!
ip netns exec b nc -lu 5001 > /tmp/lab81.first &
echo answer | ip netns exec b nc -lu 5002 > /tmp/lab81.asked &
sleep 0.5
echo one | ip netns exec a nc -u -w1 -p 4001 10.1.0.2 5000; echo "exit $?"
echo two | ip netns exec a nc -u -w1 -p 4002 10.1.0.2 5000
echo one | ip netns exec a nc -u -w1 -p 4003 10.1.0.2 5001
echo two | ip netns exec a nc -u -w1 -p 4004 10.1.0.2 5001
echo question | ip netns exec a nc -u -w1 -p 4005 10.1.0.2 5002
echo three | ip netns exec b nc -u -w1 -p 4006 127.0.0.1 5000
for f in all first asked; do echo "== $f"; cat /tmp/lab81.$f; done
kill $all; wait $all 2>/dev/null; sleep 0.2
echo four | ip netns exec a nc -u -w1 -p 4007 10.1.0.2 5000; cat /tmp/lab81.all
rm -f /tmp/lab81.*
