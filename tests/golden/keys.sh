# The file of keys: what is listed, removed and refused. Keys themselves are random, and so no part of a dialogue.
say() { echo "\$ reckon $*"; "$RECKON" "$@" 2>&1; echo "exit $?"; }
hash=00112233445566778899aabbccddeeff
cat >keys.yaml <<END
reckon: keys/1
keys:
- {id: "00000000000000aa", name: shop, role: read, created: "2026-01-02T03:04:05Z", rate: 2.5, burst: 10, salt: "$hash", hash: "$hash$hash"}
- {id: "00000000000000bb", name: shop, role: write, created: "2019-02-02T03:04:05Z", expires: "2020-03-01T00:00:00Z", salt: "$hash", hash: "$hash$hash"}
- {id: "00000000000000cc", name: "op\"s", role: admin, created: "2026-01-02T03:04:05Z", salt: "$hash", hash: "$hash$hash"}
END
say keys list keys.yaml
say keys list keys.yaml --json
say keys remove keys.yaml shop
say keys remove keys.yaml 00000000000000aa 'op"s'
say keys list keys.yaml
say keys remove keys.yaml nobody
say keys add keys.yaml
say keys add keys.yaml --name n --expires tomorrow
say keys add keys.yaml --name n --role owner
"$RECKON" keys add new.yaml --name n --rate 3 2>&1 | sed 's/[0-9a-f]\{16\}_[0-9a-f]\{48\}/ID_SECRET/'
say keys list missing.yaml
