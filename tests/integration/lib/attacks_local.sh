# Attacks by what is typed, imported, found on a stick, or done to a machine's own files; for attacks.sh.

# --- values -----------------------------------------------------------------------------------------
attack 39 "SQL in a name, a code and a search"
sql="Robert'); DROP TABLE household;--"
run 0 lalanh z household add head="$sql" code="x' OR '1'='1"
run 0 lalanh z --json household list "robert'); drop"
is '.households[0].fields.head' "$sql"
for text in "' OR 1=1 --" '%' '_' '*' '"' "x' UNION SELECT 1 --"; do
  run 0 lalanh z --json household list "$text"
  is .total 0
done
run 1 lalanh z --json household show "' OR '1'='1"
fails register.not_found

attack 40 "a formula in a cell of a list"
formula="=cmd|' /C calc'!A0"
printf 'code,head,note\nF-1,"%s","@SUM(1+1)*cmd|x"\n' "$formula" > "$work/formula.csv"
run 0 lalanh z import "$work/formula.csv"
run 0 lalanh z --json household show F-1
is .fields.head "$formula" # the text that it is
run 0 lalanh z --json verify
is .ok true

attack 41 "control characters, NUL and turned text in names, reasons, actors"
for bad in $'a\e[2Jb' $'a\u009b2Jb' $'a\u202egpj' $'a\u2066b' $'a\x7fb'; do
  run 2 thief household add head="$bad"
  fails input.bad_character
  run 2 thief --actor "$bad" household add head=Ai
  fails input.bad_character
  run 2 lalanh z --json household remove F-1 --reason "$bad"
  fails input.bad_character
  run 2 lalanhd hall --json ticket --unit 1440401 --name "$bad" --out "$work/bad-name.llticket"
  fails input.bad_character
done
read_api hall
run 0 api hall /api/households --data '{"unit":"1440401","fields":{"head":"a\u0000b"}}'
is .error.name input.not_json
printf 'code,head\nA-1,a\0b\n' > "$work/nul.csv"
run 2 thief import "$work/nul.csv"
fails input.not_utf8
printf 'code,name,level,parent_code,kind\n37,Tỉnh\e[2J,province,,province\n' > "$work/bad-units.csv"
run 2 lalanhd bad --json init --units "$work/bad-units.csv" --actor Ai
fails input.bad_character

attack 42 "texts without an end"
long=$(head -c 100000 /dev/zero | tr '\0' x)
for field in head code address note; do
  run 2 thief household add head=Ai "$field=$long"
  fails input.too_long
done
printf 'code,head\nA-1,"%s"\n' "$long" > "$work/long.csv"
run 2 thief import "$work/long.csv"
nothing_changed

attack 43 "a terminal's commands in a name that a village has signed"
name=$'Đinh\e[2J\e]0;hỏng\aThị\nHY-9  Giả'
run 0 hostile written $own "$work/thief" head="$name" code=$'E\u009b1m' address=$'a\u202egpj'
equal "verdict" "$out" '[0]' # it is the village's right to write it
run 0 lalanh officer sync
for words in "household list" "household show E"$'\u009b1m' findings; do
  read -ra words <<< "$words"
  run 0 lalanh officer "${words[@]}"
  for steers in $'\e' $'\a' $'\u009b' $'\u202e' $'\nHY-9'; do lacks "$steers"; done
done
run 0 lalanh officer household list
has 'Đinh�[2J�]0;hỏng�Thị�HY-9'
run 0 lalanh officer --json household list
equal "the name in JSON" "$(jq -r '.households[].fields.head | select(startswith("Đinh"))' <<< "$out")" "$name"
lacks $'\u009b'

# --- sticks --------------------------------------------------------------------------------------------
rm "$stick"/*
a household set HY-1 note='Trên thẻ' > /dev/null
before=$(a verify | jq -r .digest)
run 0 a bundle export "$work/good.llb"
held=$(api hall /api/status | jq .waiting)
attack 44 "bundles altered, cut, addressed anew, sealed to another, with a tail"
python3 - "$work/good.llb" "$stick" << 'PY'
import sys
whole = open(sys.argv[1], "rb").read()
def save(name, data):
    open(f"{sys.argv[2]}/{name}.llb", "wb").write(bytes(data))
def changed(at, new):
    data = bytearray(whole)
    data[at:at + len(new)] = new
    return data
save("content", changed(len(whole) - 100, bytes([whole[-100] ^ 1])))
save("cut", whole[:-1])
save("direction", changed(9, b"\x01"))
save("unit", changed(10, (3700005).to_bytes(4, "big")))
save("reader", changed(48, bytes(80)))
save("sequence", changed(18, b"\x3f" + b"\xff" * 7))
save("tail", whole + b"x")
save("newer", changed(8, b"\x09"))
save("photo", "ảnh".encode())
PY
run 1 lalanhd hall --json bundle import "$stick"
is '[.files[] | "\(.path | sub(".*/"; "")) \(.error.name)"] | sort | join(", ")' \
  "content.llb bundle.altered, cut.llb bundle.cut, direction.llb bundle.altered, newer.llb format.newer, photo.llb bundle.not_one, reader.llb bundle.altered, sequence.llb bundle.altered, tail.llb bundle.altered, unit.llb bundle.altered"
rm "$stick"/*
cp "$work/good.llb" "$stick/good.txt" # under another ending it is not looked for
run 1 lalanhd hall --json bundle import "$stick"
fails bundle.none
rm "$stick"/*

attack 45 "links, pipes, devices and folders that look like bundles"
echo 'bí mật' > "$work/secret"
ln -s "$work/secret" "$stick/link.llb"
ln -s /dev/zero "$stick/zero.llb"
ln -s nowhere "$stick/broken.llb"
mkfifo "$stick/pipe.llb"
mkdir "$stick/folder.llb"
cp "$work/good.llb" "$stick/"
run 1 lalanhd hall --json bundle import "$stick"
is '[.files[] | "\(.path | sub(".*/"; "")) \(.error.name // "taken")"] | sort | join(", ")' \
  "broken.llb system.file, folder.llb system.file, good.llb taken, link.llb bundle.not_one, pipe.llb system.file, zero.llb system.file"
lacks 'bí mật'

attack 46 "file names with commands of the terminal and lines of their own"
rm -r "$stick"/*
: > "$stick/"$'x\e[2J\n✓ huyện đã có đủ.llb'
: > "$stick/"$'x\e[2J\n✓ y.llreq'
run 1 lalanhd hall bundle import "$stick"
for steers in $'\e' $'\n✓'; do lacks "$steers"; done
run 2 lalanhd hall certify "$stick"
for steers in $'\e' $'\n✓'; do says_not "$steers"; done
run 2 lalanh thief $'house\e[2Jhold'
says_not $'\e'

attack 47 "links on the stick where a bundle is written"
rm "$stick"/*
ln -s "$work/secret" "$stick/out.llb"
ln -s "$work/secret" "$stick/~ll1-1.tmp" # as an export that was broken off leaves it
run 0 a bundle export "$stick/out.llb"
run 0 a bundle export "$stick"
equal "what the links led to" "$(cat "$work/secret")" 'bí mật'
holds "a file in the link's place" test -f "$stick/out.llb" -a ! -L "$stick/out.llb"
holds "the other link is gone" test ! -L "$stick/~ll1-1.tmp"

attack 48 "paths that are none of ours: other files, other folders, a unit's code with a path in it"
before_settings=$(sha256sum < "$work/a/settings.json")
for path in "$work/a/settings.json" "$work/a/device.key" "$stick/../a/root.pub" "$work/nowhere/x.llb"; do
  run 1 a bundle export "$path"
  fails system.file
done
equal "the file" "$(sha256sum < "$work/a/settings.json")" "$before_settings"
run 1 lalanhd hall --json ticket --unit 1440401 --out "$work/a/settings.json"
fails system.exists
printf 'code,name,level,parent_code,kind\n37,Tỉnh,province,,province\n../../pwn,Thôn,village,37,village\n' > "$work/units2.csv"
lalanhd other init --units "$work/units2.csv" --actor Ai > /dev/null
mkdir -p "$work/out/deep"
run 0 lalanhd other newest --yes
run 0 lalanhd other ticket --unit ../../pwn --address 127.0.0.1:1 --out "$work/out/deep"
equal "where it lies" "$(cd "$work" && find . -name '*pwn*')" ./out/deep/______pwn-2.llticket

# --- users, passwords, files of accounts -----------------------------------------------------------------
attack 49 "a village head and a supervisor who ask for more than their role"
v user add --name 'Lê Văn Giám' --role supervisor --new-password-file "$work/two" > /dev/null
# each STATUS-AND-ERROR SESSION CALL...: every call is refused so
each() {
  local error=$1 who=$2 call
  shift 2
  for call in "$@"; do
    ask 403 "$error" "$here${call#* }" -X "${call% *}" -H "$token" -H "Lalanh-Session: $who"
  done
}
session=$(sign_in_as tam one)
each accounts.not_allowed "$session" 'POST /api/devices/1/revoke' 'POST /api/tickets' 'POST /api/tickets/1/cancel' \
  'POST /api/certify' 'POST /api/newest' 'GET /api/audit'
ask 403 accounts.wrong_role "$here/api/users" -H "$token" -H "Lalanh-Session: $session" \
  --data '{"name":"Ai","role":"commune_officer","password":"12345678"}'
ask 403 accounts.own_name "$here/api/households" -H "$token" -H "Lalanh-Session: $session" \
  --data '{"fields":{"head":"Ai"},"actor":"Ông Khác, Chủ tịch"}'
each accounts.not_allowed "$(sign_in_as giam two)" 'POST /api/households' 'POST /api/users' 'PATCH /api/users/tam' \
  'POST /api/recovery' 'POST /api/config' 'POST /api/sync' 'POST /api/bundles/export' 'POST /api/import'

attack 50 "an account of another village on the hall's own machine"
run 0 lalanhd hall --json user add --name 'Phạm Thị Xã' --role commune_officer --user xa --new-password-file "$work/one"
run 5 lalanhd hall --json user add --name 'Kẻ Gian' --role village_head --user gian --new-password-file "$work/two"
fails accounts.needs_village
run 0 lalanhd hall --json user add --name 'Kẻ Gian' --role village_head --user gian --unit 1440402 --new-password-file "$work/two"
read_api hall
here=http://127.0.0.1:$api_port token="Lalanh-Token: $api_token"
session="Lalanh-Session: $(sign_in_as gian two)"
for target in "/api/households/$id" "/api/entities/$id/history" /api/households?unit=1440401 /api/households?unit=14404 \
  /api/report?unit=1440401 /api/log?unit=1440401 /api/conflicts?unit=14404; do
  ask 403 accounts.other_unit "$here$target" -H "$token" -H "$session"
done
ask 200 null "$here/api/households?q=chim" -H "$token" -H "$session"
is .total 0
ask 200 null "$here/api/set-aside" -H "$token" -H "$session" # of the laptop that was stolen in the third village
is .total 0
ask 403 accounts.not_yours "$here/api/users" -H "$token" -H "$session" \
  --data '{"name":"Ai","role":"supervisor","unit":"14404","password":"12345678"}'
ask 403 accounts.not_yours "$here/api/recovery" -H "$token" -H "$session" --data "{\"key\":\"$(printf '%064d' 1)\"}"
ask 403 accounts.wrong_role "$here/api/users/xa" -X PATCH -H "$token" -H "$session" --data '{"password":"12345678"}'

attack 51 "passwords that are guessed"
for guess in 1 2 3 4 'mật khẩu một'; do # the right one waits with the fourth; all at once, for the wait is a second
  printf 'url = "%s/api/session"\nheader = "%s"\ndata = "{\\"login\\":\\"xa\\",\\"password\\":\\"%s\\"}"\nnext\n' \
    "$here" "$token" "$guess"
done | sed '$d' > "$work/guesses"
run 0 curl -sS --max-time 60 -K "$work/guesses"
equal "answers" "$(jq -rs 'map(.error.name) | join(" ")' <<< "$out")" \
  "$(printf 'accounts.wrong_password %.0s' 1 2 3)accounts.too_many_tries accounts.too_many_tries"
run 5 lalanh v --json --password-file "$work/two" user passwd --new-password-file "$work/two"
fails accounts.wrong_password

attack 52 "a password on the command line, in the environment, in what others see of a process"
run 2 lalanh v --json --password 'mật khẩu một' status
fails input.unknown_word
for secret in "$(cat "$work/one")" "$(jq -r .token "$work/v/serve.json")"; do
  for file in cmdline environ; do absent "$secret" "/proc/${pid[v]}/$file"; done
done
stop_server v
lalanh v sign-out > /dev/null

# opened COMMAND...: a list by the password, of a copy, w, that the command has changed
opened() {
  rm -rf "$work/w"
  cp -r "$work/v" "$work/w"
  "$@"
  LALANH_USER=tam lalanh w --json --password-file "$work/one" household list
}
# accounts FROM TO: in the file of accounts, as hexadecimal; its checksum is made anew
accounts() {
  python3 - "$work/w/accounts" "$1" "$2" << 'PY'
import hashlib, sys
path, old, new = sys.argv[1], bytes.fromhex(sys.argv[2]), bytes.fromhex(sys.argv[3])
body = open(path, "rb").read()[:-32]
assert old in body
body = body.replace(old, new)
open(path, "wb").write(body + hashlib.blake2b(b"lalanh accounts 1" + body, digest_size=32).digest())
PY
}
attack 53 "a file of accounts that was altered, cheapened, exchanged or taken away"
run 0 opened true
is .total 1
# flip FILE FROM [TO]: another bit in the byte at FROM, and in one of each page up to TO
flip() {
  python3 - "$work/w/$1" "$2" "${3:-$2}" << 'PY'
import sys
path, first, last = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
data = bytearray(open(path, "rb").read())
for at in range(first, min(last + 1, len(data)), 4096):
    data[at] ^= 1
open(path, "wb").write(data)
PY
}
run 5 opened flip accounts 80
fails accounts.damaged
run 5 opened accounts 031a00010000 01192000 # one pass over 8 MiB
fails accounts.wrong_password
run 5 opened accounts 031a00010000 031a7fffffff # two terabytes
fails accounts.damaged
run 5 opened accounts 6374616d 63736175 # another login on the same envelope
fails accounts.wrong_password
lalanh x3 init "$work/spare.llticket" --actor "Kẻ Gian" --user tam --password-file "$work/one" > /dev/null
run 4 opened cp "$work/x3/accounts" "$work/w/accounts" # his own, whose password he knows
fails store.corrupt
run 4 opened rm "$work/w/accounts"
fails store.wrong_key

attack 54 "an encrypted database with a changed bit in its first page, or in every other one"
run 4 opened flip lalanh.db 700
fails store.corrupt
run 4 opened flip lalanh.db 4796 100000000
fails store.corrupt

attack 55 "the folder of a laptop that was stolen"
rm -rf "$work/w"
cp -r "$work/v" "$work/w"
run 5 lalanh w --json household list
fails accounts.sign_in
for text in 'Hộ Đầu' 'ho dau' 'Bùi Văn Tám' 'mật khẩu'; do
  equal "files with '$text' in the clear" "$(grep -rlF -- "$text" "$work/w" || true)" ""
done
