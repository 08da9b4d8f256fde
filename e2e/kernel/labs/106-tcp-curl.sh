# curl and a web server: pages, redirections, errors and their exit codes; each connection from a named port.
ns a b
wire a eth0 02:00:00:00:01:01 b eth0 02:00:00:00:01:02
ip -n a addr add 10.1.0.1/24 dev eth0; ip -n b addr add 10.1.0.2/24 dev eth0
mkdir -p /tmp/lab106/dir; echo hi > /tmp/lab106/index.html; echo index > /tmp/lab106/dir/index.html
head -c 50000 /dev/zero | tr '\0' x > /tmp/lab106/big.txt
ip netns exec b python3 -m http.server -d /tmp/lab106 80 >/dev/null 2>&1 &
sleep 1.5
### probe
c() { ip netns exec a curl "$@" 2>&1; echo "exit $?"; }
c -s --local-port 4001 http://10.1.0.2/
c -s --local-port 4002 -o /dev/null -w '%{http_code} %{size_download} %{remote_ip}:%{remote_port} %{local_ip}:%{local_port} %{content_type} %{num_connects}\n' http://10.1.0.2/dir/
c -s --local-port 4003 http://10.1.0.2/dir
c -sSf --local-port 4006 http://10.1.0.2/nothing
c -s --local-port 4007 http://10.1.0.2/nothing
c -s --local-port 4008 http://10.1.0.2/big.txt | wc -c
c -sS --local-port 4009 http://10.1.0.2:81/
c -s --local-port 4010 --resolve web:80:10.1.0.2 http://web/
c -s --local-port 4011 -X DELETE -o /dev/null -w '%{http_code} %{method}\n' http://10.1.0.2/
c -s --local-port 4012 -d a=b -o /dev/null -w '%{http_code} %{method}\n' http://10.1.0.2/
c -sS http://nosuchhost.invalid/
c; c --foo; c -m x http://10.1.0.2/; c foo://10.1.0.2/; c http://
rm -r /tmp/lab106
