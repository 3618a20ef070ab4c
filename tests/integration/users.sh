#!/usr/bin/env bash
# Users of a laptop and of a server: signing in and out, roles, passwords, the recovery key, what is
# written down; and that a laptop's folder tells nothing to whoever steals it.
set -euo pipefail
source "$(dirname "$0")/lib/lib.sh"
unset LALANH_PASSWORD_FILE LALANH_USER
make_units "$work/units.csv"
province province "$work/units.csv" "Nguyễn Thị Thử, Sở"
echo 'mật khẩu một' > "$work/one"
echo 'mật khẩu hai' > "$work/two"
echo 'ngắn' > "$work/short"
v() { lalanh v "$@" < /dev/null; }
j() { v --json "$@"; }

# --- a laptop begins with its first user ------------------------------------------------------
ticket v 1440401 province village
run 2 v --json init "$work/v.llticket" --actor "Bùi Văn Tám, Trưởng thôn"
fails accounts.no_password
run 2 v --json init "$work/v.llticket" --password-file "$work/one"
fails input.missing
run 2 v --json init "$work/v.llticket" --actor "Bùi Văn Tám, Trưởng thôn" --password-file "$work/short"
fails accounts.short_password
run 5 v --json init "$work/v.llticket" --actor "Ai" --password-file "$work/one" --role supervisor
fails accounts.wrong_role
holds "nothing was made by what was refused" test ! -e "$work/v/device.key"
mkdir "$work/safe"
run 0 v recovery new "$work/safe"
equal "mode of the recovery key" "$(stat -c %a "$work/safe/recovery.key")" 600
run 1 v --json recovery new "$work/safe"
fails system.exists
run 0 v init "$work/v.llticket" --actor "Bùi Văn Tám, Trưởng thôn" --password-file "$work/one" \
  --recovery-key "$work/safe/recovery.pub"
accounts=$(sha256sum < "$work/v/accounts")
run 0 v --json init "$work/v.llticket" # the same ticket again: nothing new
run 2 v --json init "$work/v.llticket" --actor "Ai" --password-file "$work/two" --user ai
fails input.made_already
says "--actor, --user, --password-file"
run 2 v --json init "$work/v.llticket" --no-users
fails input.made_already
equal "the accounts after a second init" "$(sha256sum < "$work/v/accounts")" "$accounts"
# Without its key it is still the machine of those accounts, which hold the only key of its database.
mv "$work/v/device.key" "$work/aside.key"
run 1 v --json init "$work/v.llticket" --actor "Ai" --password-file "$work/two"
fails system.exists
run 1 v --json init "$work/v.llticket" --no-users
fails system.exists
equal "the accounts of a machine without its key" "$(sha256sum < "$work/v/accounts")" "$accounts"
mv "$work/aside.key" "$work/v/device.key"

# --- each program takes its own tickets -------------------------------------------------------------
run 5 v --json enrol
fails trust.enrolled_already
ticket own 1440402 province village
run 5 lalanhd own --json init "$work/own.llticket" --actor "Ai"
fails trust.other_program
ticket other 14404 province server
run 5 lalanh own --json init "$work/other.llticket" --actor "Ai" --no-users
fails trust.other_program
holds "nothing was made" test ! -e "$work/own"
run 0 lalanh own init "$work/own.llticket" --actor "Ai" --no-users # it is not spent

# --- until it is enrolled, what was said last counts ------------------------------------------------
again() { lalanh again "$@" < /dev/null; }
run 5 again --json init "$work/v.llticket" --actor "Lê A, Trưởng thôn" --no-users
fails trust.ticket_used
ticket again 1440403 province village
stop_server province
run 3 again init "$work/again.llticket" --actor "Lê A, Trưởng thôn" --password-file "$work/one"
run 3 again init "$work/again.llticket" --actor "Lê B, Phó thôn" --no-users
holds "no accounts" test ! -e "$work/again/accounts"
run 2 again --json init "$work/again.llticket" --password-file "$work/one"
fails input.missing
run 3 again init "$work/again.llticket" # says nothing of users: as it was
start_server province
run 0 lalanhd province newest --yes
run 0 again init "$work/again.llticket" --actor "Lê C, Trưởng thôn" --password-file "$work/two" \
  --user lec --recovery-key "$work/safe/recovery.pub"
run 5 again --json --password-file "$work/one" status
fails accounts.wrong_password
run 0 again --password-file "$work/two" user list
has "lec"
lacks "Lê A"
lacks "Chưa đặt khoá khôi phục"
run 0 again --password-file "$work/two" household add head='Chim Sáo' code=L-1
run 0 again --password-file "$work/two" log
has "Lê C, Trưởng thôn"
absent 'Lê B' "$work/again/settings.json"
holds "a database" test -s "$work/again/lalanh.db"
equal "files with a name in the clear" "$(grep -rlF 'Chim Sáo' "$work/again" || true)" ""

# --- signing in --------------------------------------------------------------------------------
run 5 j status
fails accounts.sign_in
run 5 j --password-file "$work/two" status
fails accounts.wrong_password
run 0 j --password-file "$work/one" status
is .unit_code 1440401
run 5 j status
fails accounts.sign_in
run 0 v --password-file "$work/one" sign-in
has "Đã đăng nhập: tam"
run 0 v sync
run 0 v household add head='Chim Hoàng Yến' code=H-1 phone=0100000001
run 0 j log
is '.events[0].actor' 'Bùi Văn Tám, Trưởng thôn'
run 2 v --actor 'Ông Khác' household set H-1 phone=0100000002
says "Người làm là người đã đăng nhập"

# --- the folder tells nothing --------------------------------------------------------------------
run 0 v household show H-1
run 0 v sync
for canary in 'Chim Hoàng Yến' 'chim hoang yen' '0100000001' 'Bùi Văn Tám' 'mật khẩu một'; do
  equal "files with '$canary' in the clear" "$(grep -rlF -- "$canary" "$work/v" || true)" ""
done
equal "files that others could read" "$(find "$work/v" -type f -perm /077)" ""

# --- other users, roles ---------------------------------------------------------------------------
run 0 v user add --name 'Bùi Thị Sáu' --office 'Phó thôn' --role village_head --new-password-file "$work/two"
run 0 v user add --name 'Lê Văn Giám' --role supervisor --new-password-file "$work/two"
run 5 j user add --name 'Ai' --role commune_officer --new-password-file "$work/two"
fails accounts.wrong_role
run 2 v user add --name 'Ai' --user ai_1 --role supervisor --new-password-file "$work/two"
says "chữ số"
run 0 v user list
has "Bùi Thị Sáu"
has "người giám sát"
lacks "Chưa đặt khoá khôi phục"
run 2 j --password-file "$work/two" sign-in
fails input.missing
run 0 v --password-file "$work/two" sign-in giam
run 0 v household show H-1
run 5 j household set H-1 phone=0100000003
fails accounts.not_allowed
run 5 j user list
fails accounts.not_allowed
run 0 j audit
is '.lines[0].login' giam
is '.lines[0].call' 'GET /api/households/{id}'
lacks 'Chim'
run 0 v sign-out
has "Đã đăng xuất"
run 5 j audit
fails accounts.sign_in
run 0 v sign-out
has "Không có ai đang đăng nhập"

# Spelled otherwise it is the same folder, wherever the session is kept.
mkdir -m 700 "$work/runtime"
export XDG_RUNTIME_DIR=$work/runtime
run 0 v --password-file "$work/one" sign-in tam
equal "sessions" "$(ls "$work/runtime" | wc -l)" 1
run 0 "$LALANH_BIN/lalanh" --folder "$work/./again/../v/" sign-out
has "Đã đăng xuất"
equal "sessions" "$(ls "$work/runtime" | wc -l)" 0
run 5 j status
fails accounts.sign_in
unset XDG_RUNTIME_DIR

# --- a password that is named goes before a session, and one who was disabled blocks nobody -----------
run 0 v --password-file "$work/one" sign-in tam
LALANH_USER=sau run 5 j --password-file "$work/one" household set H-1 phone=0100000005
fails accounts.wrong_password
LALANH_USER=sau run 5 j household set H-1 phone=0100000005
fails accounts.sign_in
run 5 j --password-file "$work/two" household set H-1 phone=0100000005
fails accounts.wrong_password
LALANH_USER=sau LALANH_PASSWORD_FILE="$work/two" run 0 v household set H-1 phone=0100000006
run 0 j log # by the session, which all this left as it was
is '[.events[].actor] | sort | join("; ")' 'Bùi Thị Sáu, Phó thôn; Bùi Văn Tám, Trưởng thôn'
run 0 v --password-file "$work/two" sign-in sau
LALANH_USER=tam run 0 v --password-file "$work/one" user disable sau
LALANH_USER=tam run 0 j --password-file "$work/one" household list
is .total 1
run 5 j household list
fails accounts.sign_in
LALANH_USER=tam run 0 v --password-file "$work/one" user enable sau

# --- serve: the same users, found by their session or their password -------------------------------
run 0 v --password-file "$work/one" sign-in tam
serve_laptop v
run 0 v household set H-1 phone=0100000004
run 0 j log
is '.events[0].actor' 'Bùi Văn Tám, Trưởng thôn'
run 0 api v /api/session
is .signed_in false
run 0 api v /api/status
is .error.name accounts.sign_in
run 0 api v /api/session -X POST --data '{"login":"sau","password":"mật khẩu một"}'
is .error.name accounts.wrong_password
run 0 api v /api/session -X POST --data '{"login":"sau","password":"mật khẩu hai"}' -c "$work/cookies"
is .actor 'Bùi Thị Sáu, Phó thôn'
session=$(jq -r .session <<< "$out")
run 0 api v /api/status -H "Lalanh-Session: $session"
is .unit_code 1440401
run 0 api v /api/status -b "$work/cookies"
is .unit_code 1440401
holds "a cookie that no script and no other site has" grep -q '^#HttpOnly_127.0.0.1.*lalanh-.*-session' "$work/cookies"
for stranger in 'Origin: http://xau.example' 'Sec-Fetch-Site: cross-site' 'Host: xau.example'; do
  run 0 api v /api/session -X POST --data '{"login":"sau","password":"mật khẩu hai"}' -H "$stranger"
  is .error.name trust.bad_host
done
run 0 curl -sS -X POST --data '{"login":"sau","password":"mật khẩu hai"}' "http://127.0.0.1:$api_port/api/session"
is .error.name trust.bad_token
run 0 v user disable sau
run 0 api v /api/status -H "Lalanh-Session: $session"
is .error.name accounts.sign_in
run 0 v user enable sau
stop_server v
run 0 v sign-out

# --- serve, locked until somebody signs in --------------------------------------------------------
"${guard[@]}" "$LALANH_BIN/lalanh" --folder "$work/v" serve --locked > "$work/v.out" 2>&1 &
pid[v]=$!
for _ in $(seq 200); do
  [ -s "$work/v/serve.json" ] && [ "$(jq .pid "$work/v/serve.json")" = "${pid[v]}" ] && break
  sleep 0.05
done
run 0 api v /api/households
is .error.name accounts.sign_in
for _ in 1 2 3 4; do
  run 0 api v /api/session -X POST --data '{"login":"tam","password":"không phải"}'
done
is .error.name accounts.too_many_tries
sleep 1.1
run 0 api v /api/session -X POST --data '{"login":"tam","password":"mật khẩu một"}'
session=$(jq -r .session <<< "$out")
run 0 api v /api/households -H "Lalanh-Session: $session"
is .total 1
stop_server v

# --- passwords, recovery, damage -------------------------------------------------------------------
run 0 v --password-file "$work/one" sign-in tam
before=$(sha256sum < "$work/v/lalanh.db")
run 5 j --password-file "$work/two" user passwd --new-password-file "$work/two"
fails accounts.wrong_password
run 5 j user passwd tam --new-password-file "$work/two"
fails accounts.own_password
run 0 v --password-file "$work/one" user passwd --new-password-file "$work/two"
equal "the database after a change of password" "$(sha256sum < "$work/v/lalanh.db")" "$before"
run 0 v sign-out
run 5 j --password-file "$work/one" sign-in tam
fails accounts.wrong_password
# What another command changes while the new password is typed stands.
run 0 python3 - "$LALANH_BIN/lalanh" "$work" << 'PY'
import os, pty, subprocess, sys
lalanh, work = sys.argv[1:]
pid, terminal = pty.fork()
if pid == 0:
    os.execv(lalanh, [lalanh, "--folder", work + "/v", "recovery", "use", work + "/safe/recovery.key", "tam"])
seen = b""
def until(word):
    global seen
    while word not in seen:
        seen += os.read(terminal, 4096)
    seen = b""
until("Mật khẩu mới".encode())
subprocess.run([lalanh, "--folder", work + "/v", "--password-file", work + "/two", "user", "add", "--name",
                "Lê Thị Xen", "--role", "supervisor", "--new-password-file", work + "/two"],
               check=True, stdout=subprocess.DEVNULL, env={**os.environ, "LALANH_USER": "tam"})
password = open(work + "/one").read().strip().encode() + b"\n"
os.write(terminal, password)
until("Gõ lại".encode())
os.write(terminal, password)
until("Đã đặt".encode())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
PY
run 0 v --password-file "$work/one" sign-in tam
run 0 v user list
has "Lê Thị Xen"
LALANH_USER=giam run 0 v --password-file "$work/two" audit
has "thêm tài khoản"
has "xen"
run 0 j household list
is .total 1
run 0 v sign-out
export LALANH_USER=tam
cp "$work/v/accounts" "$work/accounts"
printf 'x' | dd of="$work/v/accounts" bs=1 seek=80 conv=notrunc 2> "$work/dd.err"
run 5 j --password-file "$work/one" status
fails accounts.damaged
cp "$work/accounts" "$work/v/accounts"
dd if=/dev/zero of="$work/v/lalanh.db" bs=1 count=200 conv=notrunc 2> "$work/dd.err"
run 4 j --password-file "$work/one" status
fails store.corrupt
unset LALANH_USER

# --- an open machine that gets users ---------------------------------------------------------------
laptop open 1440402 province "Ai Đó"
run 2 lalanh open --json init "$work/open.llticket" --actor "Trần Văn Ba" --password-file "$work/one"
fails input.made_already
run 0 lalanh open init "$work/open.llticket" --actor "Ai Khác"
run 0 lalanh open --json config
is .actor "Ai Khác"
run 0 lalanh open household add head='Chim Sơn Ca' code=S-1
holds "a name in the clear before" grep -qF 'Chim Sơn Ca' "$work/open/lalanh.db"
run 0 lalanh open household list # written down, in the clear
run 0 lalanh open user add --name 'Trần Văn Ba' --role village_head --new-password-file "$work/one"
run 0 lalanh open --password-file "$work/one" household list
has "Chim Sơn Ca"
run 0 lalanh open --password-file "$work/one" backup "$work/open.llbak"
absent '/api/households' "$work/open/audit.db"
equal "files with a name in the clear afterwards" "$(grep -rlF 'Chim Sơn Ca' "$work/open" || true)" ""

# --- a server with users -----------------------------------------------------------------------------
run 0 lalanhd province --json user add --name 'Nguyễn Thị Hạnh' --office 'Sở' --role province_officer \
  --new-password-file "$work/one"
is .login hanh
equal "mode of the server's data key" "$(stat -c %a "$work/province/data.key")" 600
run 0 lalanhd province report
run 0 api province /api/report
is .error.name accounts.sign_in
run 0 api province /api/session -X POST --data '{"login":"hanh","password":"mật khẩu một"}'
session=$(jq -r .session <<< "$out")
run 0 api province /api/report -H "Lalanh-Session: $session"
is .total.name 'Tỉnh Thử'
run 0 api province /api/households -X POST --data '{"unit":"1440401","fields":{"head":"Ai"}}' -H "Lalanh-Session: $session"
is .error.name accounts.not_allowed
stop_server province
start_server province
run 0 lalanhd province status
run 0 lalanhd province audit
has "Nguyễn Thị Hạnh, Sở"
finish_checks
