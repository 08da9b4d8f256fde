# Where nft wants a newline or a semicolon before a closing brace.
ns a
### probe
try() { echo "== $1"; ip netns exec a nft -f - <<< "$1" 2>/dev/null; echo $?; ip netns exec a nft flush ruleset; }
try 'table ip t { chain c { accept } }'
try 'table ip t { chain c { accept; } }'
try 'table ip t { chain c { accept; }; }'
try 'table ip t { chain c { counter; ip daddr 10.0.0.1 drop; }; chain d { jump c; }; }'
try 'table ip t { set s { type ipv4_addr; } }'
try 'table ip t { set s { type ipv4_addr; }; }'
try 'table ip t { counter n { } }'
try 'table ip t { counter n { }; }'
try 'table ip t { chain c { type filter hook input priority 0; policy drop; }; }'
try 'add table ip t; add chain ip t c { type filter hook input priority 0; }; add rule ip t c accept'
