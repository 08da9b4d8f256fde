# TCP between neighbours with nc: refused, question and answer, half close, scanning, -w. Source ports are named: a 5-tuple is compared.
ns a b
wire a eth0 02:00:00:00:01:01 b eth0 02:00:00:00:01:02
ip -n a addr add 10.1.0.1/24 dev eth0
ip -n b addr add 10.1.0.2/24 dev eth0
### probe
A="ip netns exec a"; B="ip netns exec b"
$A nc -nv -p 4001 10.1.0.2 80 2>&1; echo "exit $?"
echo answer | $B nc -l 5000 > /tmp/lab100 & sleep 0.3
echo question | $A nc -N -p 4002 10.1.0.2 5000; echo "exit $?"; wait; cat /tmp/lab100
$B nc -lk 5001 </dev/null >/tmp/lab100 & sleep 0.3
echo one | $A nc -N -p 4003 10.1.0.2 5001; echo "exit $?"
echo two | $A nc -w1 -p 4004 10.1.0.2 5001; echo "exit $?"
$A nc -nzv -p 4005 10.1.0.2 5001 2>&1; echo "exit $?"
sleep 0.3; kill $!; wait 2>/dev/null; cat /tmp/lab100
$A nc -nv -p 4006 10.1.0.2 5001 2>&1; echo "exit $?"
# The server speaks first and ends: the client still sends.
(echo hello; sleep 0.5) | $B nc -lN 5002 > /tmp/lab100 & sleep 0.3
(sleep 1; echo late; sleep 0.3) | $A nc -p 4007 10.1.0.2 5002; echo "exit $?"; wait; cat /tmp/lab100; rm /tmp/lab100
