# IPsec policies: how they are added, listed, found and taken away, and what is refused.
ns a
wire a e0 02:00:00:00:00:01 a e1 02:00:00:00:00:02
### probe
x() { ip -n a xfrm policy "$@" || echo "exit $?"; }
(
  x add src 10.1.0.0/24 dst 10.2.0.0/24 dir out tmpl src 10.0.0.1 dst 10.0.0.2 proto esp reqid 1 mode tunnel
  x add src 10.2.0.0/24 dst 10.1.0.0/24 dir in tmpl src 10.0.0.2 dst 10.0.0.1 proto esp reqid 1 mode tunnel
  x add src 10.2.0.0/24 dst 10.1.0.0/24 dir fwd priority 100 tmpl src 10.0.0.2 dst 10.0.0.1 proto esp reqid 1 mode tunnel level use
  x add src 10.1.0.1 dst 10.2.0.1 proto tcp sport 80 dport 443 dir out action block priority 5
  x add src 10.1.0.1 dst 10.2.0.1 proto icmp type 8 code 0 dev e0 dir out priority 5
  x add src 10.1.0.1 dst 10.2.0.1 proto 99 dir out priority 5 tmpl proto esp
  x add dir out flag icmp flag localok tmpl src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x101 mode tunnel
  x
  x list dir in; x list src 10.1.0.0/24; x list action block; x list proto icmp; x list priority 100
  x get src 10.1.0.0/24 dst 10.2.0.0/24 dir out
  x get index 1 dir out; x get index 999 dir out; x get src 10.1.0.0/24 dst 10.9.0.0/24 dir out
  ip -n a -s xfrm policy list action block | grep dir
  x count; ip -n a -s xfrm policy count; x getdefault
  x add src 10.1.0.0/24 dst 10.2.0.0/24 dir out priority 9
  x update src 10.1.0.0/24 dst 10.2.0.0/24 dir out priority 9
  x update src 10.1.7.0/24 dst 10.2.0.0/24 dir out
  x delete src 10.1.0.1 dst 10.2.0.1 proto 99 dir out
  x delete src 10.1.0.1 dst 10.2.0.1 proto 99 dir out
  x deleteall dir fwd
  ip -n a -o xfrm policy
  for wrong in "" "dir" "dir foo" "dir out tmpl" "dir out tmpl mode tunnel" "dir out index 100" "dir out action foo" "dir out dir out" \
    "dir out priority x" "dir out tmpl proto esp level foo" "dir out foo" "proto udp type 5 dir out" "sport 5 dir out" "ptype foo"; do
    x add src 10.5.0.0/24 dst 10.6.0.0/24 $wrong
  done
  x add src 10.1.0.0/33 dir out; x get; x get dir out; x delete dir out; x foo
  ip -n a xfrm; ip -n a xfrm foo; ip -n a xfrm policy help; ip -n a xfrm state help; ip -n a xfrm monitor help
  x flush; x
) 2>&1
