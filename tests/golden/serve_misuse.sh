# The server's and the generator's refusals before anything starts.
say() { echo "\$ reckon $*" >&2; "$RECKON" "$@"; echo "exit $?" >&2; }
printf 'model: m.rk\nprot: 0\n' >typo.yaml
printf 'model: m.rk\nport: 70000\n' >range.yaml
printf 'port: 80\n' >none.yaml
printf 'model: m.rk\ntrusted_proxies:\n  - fd00::/8\n  - 10.1.0.0/8\n' >proxies.yaml
printf '/a\nb c\n' >paths.txt
say serve
say serve --model missing.rk
say serve typo.yaml
say serve range.yaml
say serve none.yaml
say serve proxies.yaml
say serve missing.yaml
say serve none.yaml --model m.rk
say serve none.yaml --events e --port-file p
say serve --model m.rk --prot 80
say serve --model m.rk --port 65536
say measure
say measure --url http://127.0.0.1:9
say measure --url https://shop --paths paths.txt
say measure --url http://127.0.0.1:9 --paths missing.txt
say measure --url http://127.0.0.1:9 --paths paths.txt
say measure --model missing.rk
say measure --model m.rk --rate fast
say measure --model m.rk --points 3
exit 0
