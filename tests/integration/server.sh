#!/usr/bin/env bash
# `lalanhd`: enrolment by files, right and wrong ones; its commands; requests that are too large or
# no requests at all, after which it still answers.
set -euo pipefail
source "$(dirname "$0")/lib/lib.sh"
make_units "$work/units.csv"
province province "$work/units.csv" "Nguyễn Thị Thử, Sở"
p() { lalanhd province "$@"; }

# --- enrolment by files (the rest: devices.sh) -------------------------------------------------------
ticket v 1440401 province village
run 0 lalanh v init "$work/v.llticket" --no-users --actor "Bùi Văn Thử" --stick "$work"
sign() { p --json certify "$1" --out "$work/v.llcert"; }
run 1 sign "$work/no-such-file"
fails system.file
for file in "$work/units.csv" "$work/v/device.key" "$work/v/settings.json" "$work/v.llticket"; do
  run 2 sign "$file"
  fails input.wrong_file
done
holds "no file after what was refused" test ! -e "$work/v.llcert"
run 0 sign "$work/v/device.llreq"
is '.files[0]' "$work/v.llcert"
cp "$work/v.llcert" "$work/first.llcert"
run 0 sign "$work/v/device.llreq"
holds "the same request has the same answer" cmp "$work/v.llcert" "$work/first.llcert"
run 1 lalanhd province ticket --unit 99 --out "$work/x.llticket"
says "Không có đơn vị '99'"

run 1 lalanh v --json enrol "$work/no-such-file"
fails system.file
for file in "$work/v/device.llreq" "$work/units.csv"; do
  run 2 lalanh v --json enrol "$file"
  fails input.wrong_file
done
run 2 lalanh v enrol "$work/v/device.key"
says "device.key không phải tệp chứng nhận của cấp trên"
python3 - "$work/v.llcert" "$work/bad.llcert" << 'PY'
import sys
text = bytearray(open(sys.argv[1], "rb").read())
text[100] ^= 1
open(sys.argv[2], "wb").write(text)
PY
run 5 lalanh v --json enrol "$work/bad.llcert"
fails trust.bad_certificate
ticket other 1440402 province village
run 0 lalanh other init "$work/other.llticket" --no-users --actor "Ai" --stick "$work"
run 5 lalanh other --json enrol "$work/v.llcert"
fails trust.bad_certificate
run 5 lalanh other household list
says "chưa được cấp giấy chứng nhận"
run 0 lalanh v --json enrol "$work/v.llcert"
is .enrolled true
run 0 lalanh v --json enrol "$work/v.llcert"
lalanhd foreign init --units "$work/units.csv" --actor "Tỉnh khác" > /dev/null
run 0 lalanhd foreign ticket --unit 1440401 --address 127.0.0.1:1 --out "$work/foreign.llticket"
run 5 lalanh v init --no-users "$work/foreign.llticket"
says "khoá gốc không khớp"
run 0 lalanh v sync # what it had still holds

# A hall gives no ticket outside its commune, nor a village at all.
ticket hall 14404 province server
run 0 lalanhd hall init "$work/hall.llticket" --actor "Ai"
lalanhd hall sync-up > /dev/null
run 5 lalanhd hall --json ticket --unit 372 --role server --address 127.0.0.1:1 --out "$work/x.llticket"
fails trust.not_allowed
run 5 lalanhd v --json ticket --unit 1440401 --address 127.0.0.1:1 --out "$work/x.llticket"
fails trust.not_allowed

# --- commands --------------------------------------------------------------------------------------
run 4 lalanhd nowhere --json status
fails store.not_made
run 1 lalanhd province --json init --units "$work/units.csv" --actor "Ai"
fails system.exists
run 0 p --json status
is .unit_code 37
is .unit_name "Tỉnh Thử"
run 0 p status
has "Tỉnh Thử"
run 0 p --json report
is .total.code 37
is '.children[0].code' 372
run 0 p --lang en report
has "Near-poor"
run 0 p --json reported --all
is '[.units[].code] | index("1440401") != null' true
run 1 p --json report --unit 99
fails register.unknown_unit
run 2 p --json report --date 2024-02-31
fails input.not_a_date
run 1 p --json sync-up
fails sync.is_top
run 0 p --json verify
is .ok true
run 0 p verify
has "khớp hết."
run 4 p --json serve --listen 127.0.0.1:0 # one program at a time has the database
fails store.locked
run 2 p serve --insecure-lan # it is TLS, always
run 2 p serve --threads 1
run 2 p serve --sync-at 25:00
run 2 p bogus

# --- what it says when it starts and ends -------------------------------------------------------------
"${guard[@]}" "$LALANH_BIN/lalanhd" --folder "$work/hall" --json serve --listen 127.0.0.1:0 --no-sync-up \
  --log "$work/hall.log" > "$work/hall.out" 2>&1 &
pid[hall]=$!
for _ in $(seq 600); do [ -s "$work/hall.out" ] && break; sleep 0.05; done
holds "the first line is JSON with the port" jq -e '.port > 0 and .lan == false' "$work/hall.out"
kill -TERM "${pid[hall]}"
code=0
wait "${pid[hall]}" || code=$?
equal "exit code after SIGTERM" "$code" 0
unset "pid[hall]"
holds "the key of the link is its owner's alone" test "$(stat -c %a "$work/hall/tls.pem")" = 600
holds "every line of the log is JSON" jq -e . "$work/hall.log"
equal "events of the log" "$(jq -r .event "$work/hall.log" | paste -sd' ')" "started stopped"

# Left over from one that was killed: its number and port are another program's by now.
cp "$work/province/serve.json" "$work/hall/serve.json"
run 0 lalanhd hall --json status
is .unit_code 14404
holds "what was left over is gone" test ! -e "$work/hall/serve.json"

# --- requests: what children send goes to the port of TLS, commands to the API's own ------------------
read_api province
api=http://127.0.0.1:$api_port
base=https://127.0.0.1:${port[province]}
token="Lalanh-Token: $api_token"
alive() {
  equal "health after it" "$(curl -sSk --max-time 60 "$base/health" | jq -r .status)" ok
  equal "health of the API's port" "$(curl -sS --max-time 60 "$api/health" | jq -r .status)" ok
}
# ask STATUS ERROR CURL-ARGUMENT...: the error is in the header for /s/, else in the body
ask() {
  local want=$1 name=$2
  shift 2
  run 0 curl -sSk --max-time 60 -D "$work/head" -w '\n%{http_code}' "$@"
  equal "status" "${out##*$'\n'}" "$want"
  out=${out%$'\n'*}
  case "$*" in
    */s/*) equal "Lalanh-Error" "$(sed -n 's/^Lalanh-Error: \(.*\)\r$/\1/p' "$work/head")" "$name" ;;
    *) fails "$name" "$out" ;;
  esac
  alive
}
head -c 9000000 /dev/zero | tr '\0' a > "$work/big"
head -c 3000000 "$work/big" > "$work/3mb"
ask 403 trust.bad_token "$api/api/status"
ask 404 http.not_found "$base/api/status" -H "$token"
ask 404 http.not_found "$api/s/open" -d x
ask 421 trust.bad_host "$api/api/status" -H "$token" -H 'Host: evil.example'
ask 404 http.not_found "$base/nothing"
ask 400 format.newer "$base/s/open" -d garbage
ask 400 format.newer "$base/s/push" --data-binary "@$work/units.csv"
printf '\001' > "$work/one"
ask 400 format.truncated "$base/s/open" --data-binary "@$work/one"
head -c 200 /dev/zero | sed 's/^./\x01/' > "$work/zeros"
ask 401 trust.unknown_certificate "$base/s/open" --data-binary "@$work/zeros"
ask 405 http.method "$base/s/open"
ask 404 http.not_found "$base/s/nothing" -d x
ask 413 http.too_large "$base/s/push" -H Expect: --data-binary "@$work/3mb"
ask 411 http.malformed "$base/s/open" -H 'Transfer-Encoding: chunked' -d x
ask 413 http.too_large "$api/api/import" -H "$token" -H Expect: --data-binary "@$work/big"
ask 431 http.too_large "$base/health" -H "X-Long: $(head -c 20000 "$work/big")"
many=()
for i in $(seq 70); do many+=(-H "X$i: 1"); done
ask 400 http.malformed "$base/health" "${many[@]}"

# raw STATUS BYTES: as printf writes them, within TLS, by a client that believes everybody
cat > "$work/raw.py" << 'PY'
import socket, ssl, sys
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE
with context.wrap_socket(socket.create_connection(("127.0.0.1", int(sys.argv[1])), 60)) as link:
    link.sendall(sys.stdin.buffer.read())
    try:
        while piece := link.recv(65536):
            sys.stdout.buffer.write(piece)
            sys.stdout.flush()
    except (ssl.SSLError, ConnectionError):
        pass  # closed without ceremony
PY
raw() {
  run 0 timeout 60 bash -c 'printf "$1" | python3 "$2" "$3"' sh "$2" "$work/raw.py" "${port[province]}"
  has "HTTP/1.1 $1"
  alive
}
raw 400 'GARBAGE\r\n\r\n'
raw 400 '\x16\x03\x01\x02\x00\x01\r\n\r\n'
raw 400 'GET /health HTTP/9.9\r\nHost: a\r\n\r\n'
raw 400 'GET /health HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n'
raw 400 'POST /s/open HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n'
raw 400 'GET /health HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'
# A peer that goes away in the middle of a body.
run 0 timeout 60 python3 - "${port[province]}" << 'PY'
import socket, ssl, sys
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
link = context.wrap_socket(socket.create_connection(("127.0.0.1", int(sys.argv[1])), 60))
link.sendall(b"POST /s/push HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nabc")
PY
alive
# One that speaks plain HTTP is closed at once, and counted.
run 52 curl -sS --max-time 60 "http://127.0.0.1:${port[province]}/health"
alive
run 0 curl -sSk --max-time 60 "$base/metrics"
has 'lalanhd_tls_handshakes_failed_total{why="not_tls"} 1'
has 'lalanhd_http_requests_total{route="/s/push",status="413"} 1'
run 0 lalanh v sync
run 0 p --json verify
is .ok true
absent '"event":"exception"' "$work/province.log"
absent "Thử" "$work/province.log"
finish_checks
