# Security associations: how they are added, listed, found and taken away, and what the kernel refuses.
ns a
wire a e0 02:00:00:00:00:01 a e1 02:00:00:00:00:02
### probe
K=0x000102030405060708090a0b0c0d0e0f
x() { ip -n a xfrm state "$@" || echo "exit $?"; }
(
  x add src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x101 reqid 1 mode tunnel aead 'rfc4106(gcm(aes))' ${K}01020304 128
  x add src 10.0.0.2 dst 10.0.0.1 proto esp spi 0x102 reqid 1 mode tunnel replay-window 32 flag af-unspec \
    auth-trunc 'hmac(sha256)' ${K}101112131415161718191a1b1c1d1e1f 128 enc 'cbc(aes)' $K
  x add src 10.0.0.1 dst 10.0.0.3 proto esp spi 259 enc 'cbc(aes)' $K auth sha1 $K flag noecn nopmtudisc \
    sel src 10.0.0.0/24 dst 10.0.0.3 proto udp dport 53 dev e0
  x add src 10.0.0.1 dst 10.0.0.4 proto esp spi 0x104 enc cipher_null '' auth digest_null '' replay-oseq 7
  x add src 10.0.0.1 dst 10.0.0.4 proto esp spi 0x105 enc aes abcdefghijklmnop encap espinudp 4500 4501 0.0.0.0
  x
  x list nokeys reqid 1
  x list src 10.0.0.1 dst 10.0.0.4
  x list mode transport flag noecn
  x get src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x101
  x get src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x999
  ip -n a -o xfrm state list spi 0x104
  x allocspi src 10.0.0.9 dst 10.0.0.1 proto esp reqid 9 mode tunnel min 0x700 max 0x700
  x update src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x101 reqid 2 mode tunnel aead 'rfc4106(gcm(aes))' ${K}01020304 96
  x list spi 0x101
  x update src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x999 reqid 2 mode tunnel aead 'rfc4106(gcm(aes))' ${K}01020304 96
  x count
  x delete src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x999
  x delete src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x101
  x deleteall dst 10.0.0.4
  x
  x add src 10.0.0.2 dst 10.0.0.1 proto esp spi 0x102 reqid 1 mode tunnel enc 'cbc(aes)' $K
  for wrong in "enc cbc(aes) 0x00" "enc cbc(foo) $K" "enc cbc(aes) $K auth hmac(foo) 0x00" "aead foo 0x00 128" \
    "aead rfc4106(gcm(aes)) 0x00 128" "aead rfc4106(gcm(aes)) ${K}01020304 127" "" "enc" "enc cbc(aes)" "mode foo" "foo" \
    "enc cbc(aes) $K auth-trunc hmac(md5) $K 200" "enc cbc(aes) 0xzz" "spi 1" "limit foo" "aead rfc4106(gcm(aes)) $K"; do
    x add src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x107 $wrong
  done
  x add src 10.0.0.1 dst 10.0.0.2 spi 5; x add; x delete; x get src 10.0.0.1 dst 10.0.0.2; x foo
  x add src 10.0.0.1 dst 10.0.0.2 proto foo; x add src 10.0.0.x dst 10.0.0.2 proto esp; x add proto esp spi foo
  x flush; x
) 2>&1
