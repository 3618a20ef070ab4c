#!/usr/bin/env bash
# What an idle sync costs: one request of HTTP and at most 400 bytes both ways, headers included, as
# the server counts them within TLS; and with TLS, on the wire itself, as a relay between the laptop
# and its server counts them: one more round trip, for the handshake, and at most 1,400 bytes.
set -euo pipefail
source "$(dirname "$0")/lib/lib.sh"
make_units "$work/units.csv"
province province "$work/units.csv" "Nguyễn Thị Thử, Sở"
server hall 14404 province
laptop v 1440401 hall "Bùi Văn Thử, Trưởng thôn"
make_households TH 120 > "$work/list.csv"
lalanh v import "$work/list.csv" > /dev/null
lalanh v sync > /dev/null

# relay NAME: passes one connection after another on to the server of NAME. For each, a line in
# relay.txt: bytes from the client, bytes from the server, and how often the direction turned.
cat > "$work/relay.py" << 'PY'
import selectors, socket, sys
server_port, notes = int(sys.argv[1]), open(sys.argv[2], "a", buffering=1)
listening = socket.create_server(("127.0.0.1", 0))
print(listening.getsockname()[1], flush=True)
while True:
    client, _ = listening.accept()
    server = socket.create_connection(("127.0.0.1", server_port))
    other, count, turns, last = {client: server, server: client}, {client: 0, server: 0}, 0, None
    with selectors.DefaultSelector() as ready:
        for side in other:
            ready.register(side, selectors.EVENT_READ)
        while len(ready.get_map()) == 2:
            for key, _ in ready.select():
                piece = key.fileobj.recv(65536)
                if not piece:
                    ready.unregister(key.fileobj)
                    break
                other[key.fileobj].sendall(piece)
                count[key.fileobj] += len(piece)
                turns += last is not key.fileobj
                last = key.fileobj
    notes.write(f"{count[client]} {count[server]} {turns}\n")
    client.close()
    server.close()
PY
"${guard[@]}" python3 "$work/relay.py" "${port[hall]}" "$work/relay.txt" > "$work/relay.port" &
pid[relay]=$!
for _ in $(seq 200); do [ -s "$work/relay.port" ] && break; sleep 0.05; done
lalanh v config parent "127.0.0.1:$(cat "$work/relay.port")" > /dev/null

# counted: bytes of HTTP of all calls of `open` so far, both ways
counted() {
  curl -sSk --max-time 60 "https://127.0.0.1:${port[hall]}/metrics" |
    awk '/^lalanhd_http_(received|sent)_bytes_total.route="\/s\/open"/ { sum += $2 } END { print sum + 0 }'
}
# idle WHAT: a sync with nothing to say
idle() {
  local sent received turns before within
  : > "$work/relay.txt"
  before=$(counted)
  run 0 lalanh v --json sync
  is .equal_at_start true
  is .round_trips 1
  for _ in $(seq 100); do [ -s "$work/relay.txt" ] && break; sleep 0.05; done
  within=$(($(counted) - before))
  equal "connections, $1" "$(wc -l < "$work/relay.txt")" 1
  read -r sent received turns < "$work/relay.txt"
  say "$1: $within bytes of HTTP; with TLS $sent sent, $received received, $((sent + received)) in all, $turns turns"
  equal "turns, $1" "$turns" 4
  holds "at most 400 bytes of HTTP, $1" test "$within" -gt 200 -a "$within" -le 400
  holds "at most 1,400 bytes with TLS, $1" test $((sent + received)) -le 1400
}
# And the count is of what it is said to be: a change costs more, and then it is idle again.
run 0 lalanh v household set TH-001 phone=0100000001
: > "$work/relay.txt"
run 0 lalanh v --json sync
is .events_sent 1
for _ in $(seq 100); do [ -s "$work/relay.txt" ] && break; sleep 0.05; done
read -r sent received turns < "$work/relay.txt"
holds "a sync with a change is more than an idle one" test $((sent + received)) -gt 1400
idle "after a change"
finish_checks
