# Attacks by HTTP, for attacks.sh: clients that are slow, huge or two-faced at the port of TLS, and pages
# and programs of others at the API of a laptop.

# --- huge and two-faced requests --------------------------------------------------------------------
# raw FILE: what comes back for these bytes, within TLS; the server ends the connection
cat > "$work/raw.py" << 'PY'
import select
import ssl
import sys
import hostile
link = hostile.link_to(int(sys.argv[1]))
link.setblocking(False)
left, rest, reply = int(sys.argv[2]), sys.stdin.buffer.read(), b""
while True:
    readable, writable, _ = select.select([link], [link] if rest and not reply else [], [], 60)
    try:
        if writable and not readable:
            rest = rest[link.send(rest):]
            if not rest and left > 1:
                left, rest = left - 1, b"x" * 65536
        elif not readable or not (piece := link.recv(65536)):
            break
        else:
            reply += piece
    except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
        pass
    except OSError:
        break
sys.stdout.buffer.write(reply)
PY
raw() { printf "$1" | PYTHONPATH=$lib "${limit[@]}" python3 "$work/raw.py" "${port[hall]}" "${2:-1}"; }
# answered STATUS...: the statuses of all replies that came
answered() { equal "statuses" "$(grep -ao '^HTTP/1.1 [0-9]*' <<< "$out" | cut -d' ' -f2 | paste -sd' ')" "$*"; }
alive() { equal "health of the hall" "$(curl -sSk --max-time 60 "$base/health" | jq -r .status)" ok; }

attack 28 "an endless body, and one that says it is 18 exabytes"
run 0 raw 'POST /s/push HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n' 500 # and then megabytes
answered 411
run 0 raw 'POST /s/push HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551615\r\n\r\n' 500
answered 413
alive

attack 29 "a head without an end, and one with thousands of fields"
run 0 raw "GET /health HTTP/1.1\r\nX: $(head -c 20000 /dev/zero | tr '\0' x)"
answered 431
run 0 raw "GET /health HTTP/1.1\r\n$(yes 'X: 1\r\n' | head -n 100 | tr -d '\n')\r\n"
answered 400
alive

attack 30 "a request hidden in another one: two lengths, a length beside chunks, folded fields, bare line ends"
hidden='GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n'
for fields in 'Content-Length: 0\r\nContent-Length: 36' 'Content-Length: 36\r\nTransfer-Encoding: chunked' \
  'Content-Length: 0\r\n : 36' 'Content-Length : 36' 'Content-Length: +36' 'Content-Length: 0x24' \
  'X: a\r\n\tContent-Length: 36' 'X: a\nContent-Length: 36' 'Content-Length: 0, 36'; do
  run 0 raw "POST /s/open HTTP/1.1\r\nHost: a\r\n$fields\r\n\r\n$hidden"
  answered 400
done
alive

# --- the API of a laptop, which every page of its browser can reach ------------------------------------
echo 'mật khẩu một' > "$work/one"
echo 'mật khẩu hai' > "$work/two"
ticket v 1440403 hall village
lalanh v init "$work/v.llticket" --actor "Bùi Văn Tám, Trưởng thôn" --password-file "$work/one" > /dev/null
lalanh v --password-file "$work/one" sign-in > /dev/null
v() { lalanh v --json "$@" < /dev/null; }
v household add head='Hộ Đầu' code=V-1 > /dev/null
serve_laptop v
read_api v
here=http://127.0.0.1:$api_port
token="Lalanh-Token: $api_token"
# ask STATUS ERROR CURL-ARGUMENT...: the answer's status and its error ("null" for none)
ask() {
  local want=$1 name=$2
  shift 2
  run 0 curl -sS --path-as-is --max-time 60 -w '\n%{http_code}' "$@"
  equal "status" "${out##*$'\n'}" "$want"
  out=${out%$'\n'*}
  if [ "$name" = null ]; then is .error null; else fails "$name" "$out"; fi
}
# sign_in_as LOGIN FILE: the session, of the password in the file
sign_in_as() {
  curl -sS --max-time 60 "$here/api/session" -H "$token" \
    --data "{\"login\":\"$1\",\"password\":\"$(cat "$work/$2")\"}" | jq -r .session
}
session=$(sign_in_as tam one)
cookie="Cookie: lalanh-$api_port=$api_token; lalanh-$api_port-session=$session"
new='{"fields":{"head":"Ai","note":"="}}'
ask 200 null "$here/api/households" -H "$cookie" # the page itself may
is .total 1

attack 31 "a page from elsewhere that posts to the local address, with the cookies of the browser"
for stranger in 'Origin: http://evil.example' 'Origin: null' "Origin: https://127.0.0.1:$api_port" \
  "Origin: http://127.0.0.1:$((api_port + 1))" 'Sec-Fetch-Site: cross-site' 'Sec-Fetch-Site: same-site'; do
  ask 403 trust.bad_host "$here/api/households" -H "$cookie" -H "$stranger" -H 'Content-Type: application/json' --data "$new"
  ask 403 trust.bad_host "$here/api/session" -X DELETE -H "$cookie" -H "$stranger"
done
ask 403 trust.bad_host "$here/api/households" -H 'Origin: http://evil.example' -X OPTIONS # a preflight
lacks Access-Control

attack 32 "the same by a form, in a browser that says not where it comes from"
for type in text/plain application/x-www-form-urlencoded 'multipart/form-data; boundary=x'; do
  ask 403 trust.bad_token "$here/api/households" -H "$cookie" -H "Content-Type: $type" --data "$new"
done

attack 33 "a page whose name was made to mean 127.0.0.1"
for host in evil.example "evil.example:$api_port" "127.0.0.1.evil.example:$api_port" 127.0.0.1 ''; do
  ask 421 trust.bad_host "$here/api/households" -H "$cookie" -H "Host: $host"
done

attack 34 "another user of the machine, without the token of the start or with a guess"
ask 403 trust.bad_token "$here/api/households"
ask 403 trust.bad_token "$here/api/households" -H "Lalanh-Token: ${api_token%?}"
ask 403 trust.bad_token "$here/api/households" -H "Lalanh-Token: $(tr 0-9a-f 1-9a-f0 <<< "$api_token")"
ask 403 trust.bad_token "$here/api/session?token=$api_token" --data '{"login":"tam","password":"mật khẩu một"}'
ask 401 accounts.sign_in "$here/api/households" -H "$token" # the token alone is nobody
ask 401 accounts.sign_in "$here/api/households" -H "$token" -H "Lalanh-Session: tam:$(printf '%064d' 0)"

attack 35 "a path that leaves the API"
for path in '/api/../device.key' '/../../../../etc/passwd' '/api/households/..%2f..%2fdevice.key' '/device.key' \
  '/serve.json' '//etc/passwd' '/api/..%5cdevice.key' '/api/%2e%2e/device.key'; do
  ask 404 http.not_found "$here$path" -H "$cookie"
done
for id_ in '%2e%2e' '%252e%252e%252fdevice.key' 'code:..%5cdevice.key'; do
  ask 404 register.not_found "$here/api/households/$id_" -H "$cookie"
done
ask 400 http.malformed "$here/api/households/%00" -H "$cookie"
ask 400 http.malformed "$here/api/households/%c0%ae%c0%ae" -H "$cookie"

attack 36 "JSON that is deep, doubled, endless or no text"
json='Content-Type: application/json'
deep=$(printf '[%.0s' $(seq 100000))
printf '{"fields":{"head":%s' "$deep" > "$work/deep"
ask 400 input.not_json "$here/api/households" -H "$cookie" -H "$json" --data "@$work/deep"
ask 400 input.duplicate_key "$here/api/households" -H "$cookie" -H "$json" --data '{"fields":{"head":"A","head":"B"}}'
ask 400 input.not_utf8 "$here/api/households" -H "$cookie" -H "$json" --data $'{"fields":{"head":"\xc3"}}'
head -c 9000000 /dev/zero | tr '\0' '[' > "$work/big"
ask 413 http.too_large "$here/api/households" -H "$cookie" -H "$json" -H Expect: --data-binary "@$work/big"

attack 37 "an end of the numbers: overflows in queries, fields and options"
for query in limit=99999999999999999999 offset=-1 limit=1e9 offset=9223372036854775808; do
  run 0 curl -sS -H "$cookie" "$here/api/households?$query"
  holds "it is refused: $query" jq -e '.error.name | startswith("input.")' <<< "$out"
done
for value in 99999999999999999999 9223372036854775807 -1 1e3; do
  run 2 v assessment add V-1 period=2024 income=$value
  holds "it is refused: $value" jq -e '.error.name | startswith("input.")' <<< "$err"
done
run 2 lalanh a --json bundle export "$stick" --part-bytes 18446744073709551616
fails input.out_of_range

attack 38 "tokens, cookies and sessions of an earlier start"
stop_server v
serve_laptop v
read_api v
here=http://127.0.0.1:$api_port
ask 403 trust.bad_token "$here/api/households" -H "$token"
ask 403 trust.bad_token "$here/api/households" -H "Cookie: lalanh-$api_port=${token#*: }"
token="Lalanh-Token: $api_token"
ask 401 accounts.sign_in "$here/api/households" -H "$token" -H "Lalanh-Session: $session"
run 0 v household list # nothing of all this was entered
is .total 1
