# What must not be found anywhere, for attacks.sh: by other users of the machine, in the log, in what is
# watched, in a neighbour's files.

attack 56 "other users of the machine, where the umask forbids nothing"
(
  umask 0
  ticket open 1440403 hall village
  lalanh open init "$work/open.llticket" --actor "Ai" --password-file "$work/one"
  lalanh open --password-file "$work/one" recovery new "$work/open"
  lalanh open --password-file "$work/one" bundle export "$work/open/out.llb"
  lalanhd open2 init --units "$work/units.csv" --actor "Ai"
  lalanhd open2 user add --name Ai --role it --new-password-file "$work/one"
  port[open2]=0
  "${guard[@]}" "$LALANH_BIN/lalanhd" --folder "$work/open2" serve --listen 127.0.0.1:0 --no-sync-up \
    --log "$work/open2/log" > "$work/open2.out" 2>&1 &
  server=$!
  for _ in $(seq 200); do [ -s "$work/open2/serve.json" ] && break; sleep 0.05; done
  find "$work/open2" -perm /077 > "$work/others"
  kill "$server"
  wait "$server" || true
) > "$work/umask.out" 2>&1
holds "the server served" test -s "$work/open2/log"
equal "what others could read" "$(cat "$work/others"; find "$work/open" "$work/open2" "$work/open.llticket" -perm /077)" ""

attack 57 "lines and names smuggled into the log"
for target in '/api/x%0a%7b%22event%22:%22forged%22%7d' "/s/chim-hoang-yen" "/api/chim-hoang-yen" "/$canary_phone" \
  '/health%0d%0aSet-Cookie:%20a=b'; do
  curl -sSk --max-time 60 -o "$work/body" -A $'x\t"forged"' "$base$target"
  curl -sS --max-time 60 -o "$work/body" -H "$token" "$here$target"
done
run 0 raw 'GET /x\n{"event":"forged"} HTTP/1.1\r\nHost: a\r\n\r\n'
answered 400
holds "every line is JSON of its own" jq -e .event "$work/hall.log"
for text in forged chim-hoang "$canary_phone" Set-Cookie evil; do absent "$text" "$work/hall.log"; done

attack 58 "persons and invented words in what is watched without a password"
curl -sSk --max-time 60 "$base/metrics" > "$work/metrics"
curl -sSk --max-time 60 "$base/health" >> "$work/metrics"
for text in chim hoang "$canary_phone" 'Thôn' forged; do absent "$text" "$work/metrics"; done
equal "routes that are none of ours" "$(sed -n 's/.*{route="\([^"]*\)".*/\1/p' "$work/metrics" | sort -u |
  grep -vxE '/api/|/health|/metrics|/s/(open|differ|pull|push|above|enrol)|other')" ""

attack 59 "clients that take threads: half-open handshakes, silence, a head and a body byte by byte"
wait "${pid[slow]}" || true
unset "pid[slow]"
equal "who was let go" "$(awk '{ print $1, $3 }' "$work/slow" | sort | uniq -c | awk '{ print $1, $2, $3 }' | paste -sd,)" \
  "1 body 408,12 half_open closed,1 head 408,1 silent closed"
holds "in time" awk '{ if ($2 < 8 || $2 > 45) exit 1 }' "$work/slow"
equal "the province meanwhile" "$(cat "$work/meanwhile")" ok

attack 60 "anything of the first village in the second one's files, wire or errors"
run 0 thief sync
for text in "$canary" 'chim hoang yen' "$canary_phone" 'Oanh Vàng' HY-1; do
  equal "files with '$text'" "$(grep -rlaF -- "$text" "$work/thief" "$work/thief.wire" "$work/z" "$work"/*.log || true)" ""
done
run 0 thief verify
is .ok true

# --- the list -------------------------------------------------------------------------------------------
python3 - "$root" "$work/tried" > "$work/list" << 'PY' || true
import pathlib, re, sys
root, tried = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]).read_text().splitlines()
rows = [[cell.strip() for cell in row.strip("|\n ").split(" | ")]
        for row in (root / "docs/ATTACKS.md").read_text().splitlines() if re.match(r"\| \d", row)]
if [row[0] for row in rows] != [str(n) for n in range(1, len(rows) + 1)]:
    print("the numbers of the list are not 1, 2, 3, ...")
listed = [f"{row[0]} {row[1]}" for row in rows if row[3] == "`attacks.sh`"]
for one in sorted(set(listed) ^ set(tried)):
    print("listed or tried, not both:", one)
for row in rows:
    for path, name in re.findall(r"`([^`]+_test\.cpp)`: ([^|;]+)", row[3]):
        text = re.sub(r'"\s*\n\s*"', "", (root / "tests/unit" / path).read_text())
        if f'"{name.strip()}"' not in text:
            print("no such test:", path, name)
PY
equal "what the list of attacks says otherwise" "$(cat "$work/list")" ""
holds "forty attacks and more" [ "$(wc -l < "$work/tried")" -ge 40 ]
