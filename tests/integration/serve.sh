#!/usr/bin/env bash
# `lalanh serve`: the local API, who may speak to it, and other commands that hand their work to it.
set -euo pipefail
source "$(dirname "$0")/lib/lib.sh"
make_units "$work/units.csv"
province province "$work/units.csv" "Nguyễn Thị Thử, Sở"
laptop v 1440401 province "Bùi Văn Thử, Trưởng thôn"
v() { lalanh v "$@"; }
j() { lalanh v --json "$@"; }
v household add head='Đinh Thị Mười' code=ĐN-014 > /dev/null

serve_laptop v
server=${pid[v]}
read_api v
equal "mode of serve.json" "$(stat -c %a "$work/v/serve.json")" 600
holds "the address is shown" grep -q "Lá Lành đang mở tại http://127.0.0.1:$api_port/?token=$api_token" "$work/v.out"

# --- commands hand their work over --------------------------------------------------------------
run 0 j household add head='Lê Văn Cần' code=LC-1
holds "the long id" jq -e '.id | length > 20' <<< "$out"
run 0 j household list 'le van can'
is .total 1
run 0 j --actor "Phó thôn" household set LC-1 phone=0100000001
run 0 j history LC-1 --field phone
is '.events[0].actor' "Phó thôn"
run 1 j household show LC-2
fails register.not_found
run 2 v --lang en household set LC-1 head_birth=1700
says "'Head's birth date or year (head_birth)' = 1700 is outside 1850 to 2100. Nothing was changed."
run 0 v sync
has "Đã gửi "
run 0 j verify
is .ok true
api v /api/households > "$work/list.json"
equal "households by the API" "$(jq .total "$work/list.json")" 2
make_households TH 30 > "$work/list.csv"
run 0 j import "$work/list.csv"
is .created 60

# --- a second program on the same folder ---------------------------------------------------------
run 4 j serve
fails store.locked
run 4 v serve
says "đang được một chương trình khác mở"
holds "the first one goes on" api v /api/status -f

# --- Host, token, methods, bodies ----------------------------------------------------------------
base=http://127.0.0.1:$api_port
token="Lalanh-Token: $api_token"
# ask STATUS ERROR CURL-ARGUMENT...: the answer's status and its error ("null" for none)
ask() {
  local want=$1 name=$2
  shift 2
  run 0 curl -sS --max-time 60 -w '\n%{http_code}' "$@"
  equal "status" "${out##*$'\n'}" "$want"
  out=${out%$'\n'*}
  if [ "$name" = null ]; then is .error null; else fails "$name" "$out"; fi
}
ask 200 null "$base/api/status" -H "$token"
is .unit_code 1440401
ask 200 null "http://localhost:$api_port/api/status" -H "$token"
ask 403 trust.bad_token "$base/api/status"
ask 403 trust.bad_token "$base/api/status" -H "${token%?}"
ask 403 trust.bad_token "$base/api/status" -H "Lalanh-Token: $(tr '0-9a-f' '1-9a-f0' <<< "$api_token")"
ask 403 trust.bad_token "$base/?token=bad"
ask 421 trust.bad_host "$base/api/status" -H "$token" -H 'Host: evil.example'
ask 421 trust.bad_host "$base/api/status" -H "$token" -H "Host: 127.0.0.1:$((api_port + 1))"
ask 403 trust.bad_host "$base/api/households" -H "$token" -H 'Origin: http://evil.example' -d '{"fields":{"head":"Ai"}}'
ask 403 trust.bad_host "$base/api/households" -H "$token" -H 'Sec-Fetch-Site: cross-site' -d '{"fields":{"head":"Ai"}}'
ask 404 http.not_found "$base/api/nothing" -H "$token"
ask 405 http.method "$base/api/status" -H "$token" -X DELETE
ask 400 input.unknown_key "$base/api/status?x=1" -H "$token"
ask 400 input.not_json "$base/api/households" -H "$token" -d '{"fields":{"head":"Ai"'
ask 400 input.duplicate_key "$base/api/households" -H "$token" -d '{"fields":{"head":"Ai","head":"Ai"}}'
ask 400 input.unknown_key "$base/api/households" -H "$token" -d '{"fields":{"head":"Ai"},"x":1}'
ask 400 input.unknown_field "$base/api/households" -H "$token" -d '{"fields":{"head":"Ai","x":1}}'
ask 400 input.not_text "$base/api/households" -H "$token" -d '{"fields":{"head":7}}'
head -c 9000000 /dev/zero | tr '\0' a > "$work/big"
ask 413 http.too_large "$base/api/import" -H "$token" -H Expect: --data-binary "@$work/big"
ask 431 http.too_large "$base/api/status" -H "$token" -H "X-Long: $(head -c 20000 "$work/big")"
ask 200 null "$base/api/openapi.json" -H "$token"
is '.paths | has("/api/households")' true

# The page's address gives a cookie and is asked for again without the token.
run 0 curl -sS --max-time 60 -D - -o "$work/body" "$base/?token=$api_token"
has "303"
has "Location: $base/"
has "HttpOnly; SameSite=Strict"
lacks "Location: $base/?token"

# Nothing that was refused has changed anything.
run 0 j household list
is .total 32

# --- the end, good and bad -----------------------------------------------------------------------
kill -TERM "$server"
code=0
wait "$server" || code=$?
equal "exit code after SIGTERM" "$code" 0
unset "pid[v]"
holds "serve.json is gone" test ! -e "$work/v/serve.json"
run 0 j household list
is .total 32
serve_laptop v
stop_server v KILL
holds "serve.json was left behind" test -e "$work/v/serve.json"
run 0 j household set LC-1 phone=0100000002 # and is passed over
holds "it is gone then" test ! -e "$work/v/serve.json"
run 0 j household show LC-1
is .fields.phone 0100000002
finish_checks
