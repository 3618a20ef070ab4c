#!/usr/bin/env bash
# Attacks on real programs, numbered as in docs/ATTACKS.md: each is tried, and what must happen is
# checked. A thief has a real laptop of the neighbouring village, its key, and hostile.py.
set -euo pipefail
source "$(dirname "$0")/lib/lib.sh"
unset LALANH_PASSWORD_FILE LALANH_USER
LALANH_BIN=$(cd "$LALANH_BIN" && pwd)
lib=$root/tests/integration/lib
export PYTHONDONTWRITEBYTECODE=1
make_units "$work/units.csv"
province province "$work/units.csv" "Nguyễn Thị Thử, Sở"
server hall 14404 province
laptop a 1440401 hall "Bùi Văn Một, Trưởng thôn"
laptop thief 1440402 hall "Kẻ Gian, Trưởng thôn"
laptop officer 14404 hall "Phạm Thị Xã, công chức xã"
village=3700004 own=3700005
stick=$work/stick
mkdir "$stick"

# attack NUMBER WORDS: what follows tries it; the same number and words are in the list
attack() {
  [ "$1" = "$(($(wc -l < "$work/tried") + 1))" ] || miss "attack $1 is not the next one"
  printf '%s %s\n' "$1" "$2" >> "$work/tried"
}
: > "$work/tried"
a() { lalanh a --json "$@"; }
thief() { lalanh thief --json "$@"; }
# hostile ATTACK [ARGUMENT...]: by the thief, at the hall
hostile() { "${limit[@]}" python3 "$lib/hostile.py" "$work/thief" "${port[hall]}" "$@"; }
# a's register is as it was, and the hall's
nothing_changed() {
  equal "a's digest" "$(a verify | jq -r .digest)" "$before"
  equal "households at the hall" "$(api hall /api/households | jq .total)" 1
}
# The names by which a leak would be found, wherever they turn up.
canary='Chim Hoàng Yến' canary_phone=0107431743
a household add head="$canary" code=HY-1 phone=$canary_phone address='Xóm Oanh Vàng' > /dev/null
for node in a thief officer; do lalanh $node sync > "$work/$node.wire"; done
id=$(a household show HY-1 | jq -r .id)
before=$(a verify | jq -r .digest)

# Slow clients take up the province's threads while the rest goes on: what came of it is looked at last.
"${guard[@]}" python3 "$lib/slow.py" "${port[province]}" > "$work/slow" 2>&1 &
pid[slow]=$!
(sleep 2; curl -sSk --max-time 60 "https://127.0.0.1:${port[province]}/health" | jq -r .status > "$work/meanwhile") &

# --- another village's data ---------------------------------------------------------------------
attack 1 "another village's household by its id, its code or its history"
for words in "household show $id" "household show HY-1" "history $id" "household set $id phone=0100000000" \
  "household remove $id --reason x" "household keep $id"; do
  read -ra words <<< "$words"
  run 1 thief "${words[@]}"
  fails register.not_found
done

attack 2 "another village's households by search"
for text in "$canary" 'chim hoang yen' $canary_phone '%' '_' "' OR 1=1 --"; do
  run 0 thief household list "$text"
  is .total 0
done
run 0 thief household list --unit 1440401
is .total 0

attack 3 "another village's figures by report, log, findings"
run 1 thief report --unit 1440401
fails register.not_here
run 1 thief report --unit 14404
fails register.not_here
run 0 thief log --unit 1440401
is '.events | length' 0
for what in conflicts findings; do
  run 0 thief "$what"
  is .total 0
done

attack 4 "another village's segments by signed requests"
run 0 hostile asked $village 3799999 $own # a unit that is there, one that is not, the own one
equal "answers" "$out" '[[2, 2, null], [[2, ""], [2, ""], [0, ""]], ""]'

attack 5 "a receipt for another village's events"
points=$(sqlite3 -readonly "$work/a/lalanh.db" \
  "SELECT lower(hex(writer)) || printf('%08x', held) || lower(substr(hex(head), 1, 16)) FROM stream WHERE own > 0")
run 0 hostile receipts $village "$points"
equal "receipt, words of the tiers above" "$out" '[null, []]'

attack 6 "another village's bundle found on a stick"
a household set HY-1 note='Chưa gửi' > /dev/null
a bundle export "$stick" > /dev/null
a sync > /dev/null
lalanhd hall bundle export "$stick" --for 1440401 > /dev/null
before=$(a verify | jq -r .digest)
for what in import inspect; do
  run 1 thief bundle $what "$stick"
  is '[.files[].error.name] | unique | join(" ")' bundle.not_for_us
done
for file in "$stick"/*.llb; do absent "$canary" "$file"; done
nothing_changed

attack 7 "a record written into another village by a signed push"
run 0 hostile written $village "$work/thief" head=Ai
equal "verdict" "$out" '["trust.not_readable"]'
run 5 thief household add head=Ai --unit 1440401
fails trust.not_allowed
nothing_changed

# --- requests replayed, altered, forged -----------------------------------------------------------
attack 8 "a signed request sent twice, byte for byte"
run 0 hostile replayed
equal "answers" "$out" '[200, "trust.replayed"]'

attack 9 "a signed request with a bit changed, or at another path"
run 0 hostile altered
equal "answers" "$(jq -r 'unique | join(" ")' <<< "$out")" trust.bad_request_signature

attack 10 "a request that was signed for another server"
run 0 python3 "$lib/hostile.py" "$work/thief" "${port[province]}" attached
equal "answer" "$out" '"trust.bad_request_signature"'

attack 11 "another device's certificate, and one of an own root key"
run 0 hostile borrowed "$work/a"
equal "answers" "$out" '["trust.bad_request_signature", "trust.bad_certificate"]'

attack 12 "a forged author: another's certificate, another channel, a changed word"
run 0 hostile forged "$work/a"
equal "verdicts" "$out" '["trust.not_allowed", "trust.not_allowed", "format.bad_signature"]'
# The neighbour's own device brings what the thief has signed for that village.
run 0 python3 "$lib/hostile.py" "$work/a" "${port[hall]}" written $village "$work/thief" head=Ai
equal "verdict" "$out" '["trust.not_allowed"]'
nothing_changed

attack 13 "heads of requests with deep CBOR, false counts, no ends"
run 0 hostile deep
equal "answers" "$(jq -r 'unique | join(" ")' <<< "$out")" format.malformed

attack 14 "a segment that would unfold to gigabytes"
run 0 hostile bomb
equal "verdicts" "$out" '["format.limit", "format.limit"]'
nothing_changed

# --- tickets ------------------------------------------------------------------------------------------
attack 15 "a ticket used twice"
ticket x 1440403 hall village
cp "$work/x.llticket" "$work/copied.llticket"
run 0 lalanh x --json init --no-users "$work/x.llticket" --actor "Ai"
run 5 lalanh x2 --json init --no-users "$work/copied.llticket"
fails trust.ticket_used
equal "the note at the ticket" "$(lalanhd hall --json tickets | jq '.tickets[-1].refused')" 1

attack 16 "a ticket that was cancelled"
ticket spare 1440402 hall village
ticket y 1440403 hall village
number=$(lalanhd hall --json tickets | jq '.tickets[-1].device')
run 0 lalanhd hall ticket cancel "$number"
run 5 lalanh y --json init --no-users "$work/y.llticket"
fails trust.ticket_cancelled

attack 17 "a ticket altered to another unit"
ticket z 1440402 hall village
python3 - "$work/z.llticket" "$work/bad.llticket" << 'PY'
import sys
text = open(sys.argv[1], "rb").read()
assert text.count(b"1440402") == 1
open(sys.argv[2], "wb").write(text.replace(b"1440402", b"1440401"))
PY
run 5 lalanh z2 --json init --no-users "$work/bad.llticket"
fails trust.bad_ticket

attack 18 "a request file brought by another machine, and its answer taken by it"
run 0 lalanh z init --no-users "$work/z.llticket" --stick "$stick" --actor "Ai"
run 0 lalanhd hall --json certify "$stick"
answer=$(jq -r '.files[0]' <<< "$out")
ticket w 1440402 hall village
run 0 lalanh w init --no-users "$work/w.llticket" --stick "$work" --actor "Kẻ Gian"
run 5 lalanh w --json enrol "$answer"
fails trust.bad_certificate
run 5 lalanh w --json household list
fails trust.not_enrolled
run 0 lalanh z --json enrol "$answer"

# --- a laptop that was stolen ----------------------------------------------------------------------------
attack 19 "a revoked laptop that syncs, reads sticks and sends late work"
device=$(lalanh x --json status | jq .device)
run 0 lalanhd hall device revoke "$device" --nothing --yes
run 0 lalanh x household add head='Muộn Màng' code=MM-1
run 5 lalanh x --json sync
fails trust.revoked
run 0 lalanh x bundle export "$work/late.llb"
run 0 lalanhd hall bundle import "$work/late.llb"
equal "households that count" "$(api hall "/api/households?unit=1440403" | jq .total)" 0
equal "set aside" "$(api hall /api/set-aside | jq .total)" 1
run 1 lalanhd hall --json bundle export "$work/none.llb" --for 1440403
fails bundle.no_reader
run 5 lalanhd officer --json device revoke "$(a status | jq .device)" --yes
fails trust.not_allowed

# --- the link ------------------------------------------------------------------------------------------------
base=https://127.0.0.1:${port[hall]}
# counted WHY NUMBER: handshakes that failed so, as the hall counts them, soon after it has let the client go
counted() {
  local found=""
  for _ in $(seq 100); do
    found=$(curl -sSk --max-time 60 "$base/metrics" | sed -n "s/^lalanhd_tls_handshakes_failed_total{why=\"$1\"} //p")
    [ "$found" != "$2" ] || break
    sleep 0.05
  done
  equal "counted as $1" "$found" "$2"
}
attack 20 "plain HTTP to the port of TLS"
run 52 curl -sS --max-time 60 "http://127.0.0.1:${port[hall]}/health"
counted not_tls 1

attack 21 "TLS 1.1"
run 0 python3 -W ignore - "${port[hall]}" << 'PY'
import socket, ssl, sys
for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version, context.maximum_version = version, version
    context.set_ciphers("ALL:@SECLEVEL=0")
    try:
        context.wrap_socket(socket.create_connection(("127.0.0.1", int(sys.argv[1])), 30))
        print("taken")
    except ssl.SSLError as error:
        print(error.reason)
PY
equal "answers" "$out" $'TLSV1_ALERT_PROTOCOL_VERSION\nTLSV1_ALERT_PROTOCOL_VERSION'
counted refused 2

attack 22 "another name in the handshake and in Host"
run 0 curl -sSk --max-time 60 --resolve "evil.example:${port[hall]}:127.0.0.1" "https://evil.example:${port[hall]}/health"
is .status ok
run 0 curl -sSk --max-time 60 --resolve "evil.example:${port[hall]}:127.0.0.1" "https://evil.example:${port[hall]}/api/status"
fails http.not_found "$out"

# impostor PEM [SEED]: a's parent is now a server with this certificate
impostor() {
  rm -f "$work/heard"
  "${guard[@]}" python3 "$lib/impostor.py" "$1" 1 ${2:+"$2"} > "$work/heard" 2> "$work/impostor.err" &
  pid[impostor]=$!
  for _ in $(seq 200); do [ -s "$work/heard" ] && break; sleep 0.05; done
  a config parent "127.0.0.1:$(head -n 1 "$work/heard")" > /dev/null
}
# heard WORDS: what the impostor was told, in the clear of its own TLS
heard() {
  wait "${pid[impostor]}" || true
  unset "pid[impostor]"
  equal "the impostor heard" "$(sed -n 2p "$work/heard")" "$1"
}
# certificate FILE [EXTENSION]: self-made, with the subject of ours
certificate() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=lalanh -days 3650 \
    -keyout "$work/made.key" -out "$work/made.crt" ${2:+-addext "$2"} 2> "$work/openssl.err"
  cat "$work/made.key" "$work/made.crt" > "$1"
}
a household set HY-1 note='Còn chưa gửi' > /dev/null
attack 23 "a server with a self-made certificate of the same name"
certificate "$work/self.pem"
impostor "$work/self.pem"
run 5 a sync
fails trust.not_our_server
heard heard

attack 24 "a server with the parent's vouching copied into a certificate of its own"
vouching=$(openssl x509 -in "$work/hall/tls.pem" -outform DER | python3 -c '
import re, sys
print(re.search(rb"\x04\x42(\x04\x40.{64})", sys.stdin.buffer.read(), re.S)[1].hex())')
certificate "$work/copied.pem" "2.25.171353946671483164836313865698100858071=DER:$vouching"
impostor "$work/copied.pem"
run 5 a sync
fails trust.other_server
heard heard

attack 25 "another server of the system in the parent's place"
a config parent "127.0.0.1:${port[province]}" > /dev/null
run 5 a sync
fails trust.other_server

attack 26 "a stolen tls.pem: a server that forges receipts"
cp "$work/hall/tls.pem" "$work/stolen.pem"
impostor "$work/stolen.pem" "$work/thief/device.key"
run 1 a sync
fails format.bad_signature
heard 'heard /s/open /s/differ /s/push'
holds "nothing counts as sent by it" [ "$(a status | jq .unsent)" -gt 0 ]
a config parent "127.0.0.1:${port[hall]}" > /dev/null
run 0 a sync
is .events_sent 1
before=$(a verify | jq -r .digest)

attack 27 "another server's key of the link in the folder"
stop_server hall
cp "$work/province/tls.pem" "$work/hall/tls.pem"
start_server hall
holds "the server makes a key of its own" grep -q '"event":"tls_key_made"' "$work/hall.log"
run 0 a sync

# --- the rest, part by part -------------------------------------------------------------------------------------
source "$lib/attacks_http.sh"
source "$lib/attacks_local.sh"
source "$lib/attacks_leaks.sh"
finish_checks
