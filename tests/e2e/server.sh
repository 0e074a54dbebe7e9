# server.sh - sourced behind tap.sh by stories with a server: one at a time, gone when the story ends.
# shellcheck shell=sh disable=SC2034
server=
stop_server() { # stop_server [SIGNAL]
    [ -n "$server" ] && kill "-${1:-TERM}" "$server" 2>/dev/null && wait "$server" 2>/dev/null
    server=
}
trap 'last=$?; stop_server; (exit $last); finish' EXIT
trap 'exit 2' INT TERM

# start_server COMMAND...: runs it, which writes its port to the file `port`; sets url once that is there. What it says is in `log`.
start_server() {
    rm -f port
    "$@" 2>log &
    server=$!
    i=0
    while [ ! -s port ] && [ $i -lt 1200 ] && kill -0 "$server" 2>/dev/null; do sleep 0.05; i=$((i + 1)); done
    url=${scheme:-http}://127.0.0.1:$(cat port 2>log.port)
}

equal() { [ "$1" = "$2" ] || { echo "got '$1', wanted '$2'"; return 1; }; }
holds() { case "$1" in *"$2"*) ;; *) echo "no '$2' in '$1'"; return 1 ;; esac; }
lacks() { case "$1" in *"$2"*) echo "'$2' in '$1'"; return 1 ;; esac; }
