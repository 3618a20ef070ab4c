#!/usr/bin/env bash
# Backups by real programs: made beside a running one, put back on the same machine and on a new one, by
# password and by recovery key; a database lost and loaded again from the parent; the daily one.
set -euo pipefail
source "$(dirname "$0")/lib/lib.sh"
make_units "$work/units.csv"
province province "$work/units.csv" "Nguyễn Thị Thử, Sở"
server hall 14404 province
password=$work/password
printf 'mật khẩu của tám\n' > "$password"
laptop a 1440401 hall "Bùi Văn Tám, Trưởng thôn" "$password"
stick=$work/stick
mkdir "$stick"
export LALANH_PASSWORD_FILE=$password
count() { lalanh "$1" --json household list | jq .total; }

# --- made, also while another program has the database; a plan first ---------------------------------
run 0 lalanh a household add head='Đinh Thị Trước' code=A-1
run 0 lalanh a sync
run 0 lalanh a --json backup "$stick/first.llbak"
is .elsewhere true
serve_laptop a
run 0 lalanh a household add head='Đinh Thị Sau' code=A-2
run 0 lalanh a sync
run 0 lalanh a --json backup "$stick"
second=$(jq -r .path <<< "$out")
holds "no word of the register in it" test "$(grep -c 'Đinh' "$second")" = 0
for _ in $(seq 200); do
  ls "$work/a/backups/" > "$work/daily" 2> /dev/null && grep -q daily "$work/daily" && break
  sleep 0.1
done
equal "the daily backup" "$(cat "$work/daily")" daily-000001.llbak
run 0 lalanh a status
has "Bản sao lưu mới nhất"
run 4 lalanh a restore "$stick/first.llbak" --yes
says "đang được một chương trình khác mở"
stop_server a
run 0 lalanh a household add head='Đinh Thị Chưa Gửi' code=A-3
run 0 lalanh a restore "$stick/first.llbak"
has "Chưa làm gì"
has "Thôn Một"
equal "households after a plan" "$(count a)" 3

# --- put back: what was sent since comes with the sync, what was not lies aside -----------------------
run 0 lalanh a --json restore "$stick/first.llbak" --yes
is .done true
is .aside "$work/a/before-restore-1"
holds "the newest database is kept" test -s "$work/a/before-restore-1/lalanh.db"
equal "households of the backup" "$(count a)" 1
run 0 lalanh a sync
equal "households after a sync" "$(count a)" 2
run 0 lalanh a household add head='Đinh Thị Mới' code=A-4
run 0 lalanh a sync
run 0 lalanh a verify
run 0 lalanhd hall devices
has "sao chép"

# --- who may neither sync nor back up moves nothing away, nor does a stranger ---------------------------
printf 'mật khẩu của giám\n' > "$work/giam"
export LALANH_USER=tam
run 0 lalanh a user add --name 'Lê Văn Giám' --role supervisor --new-password-file "$work/giam"
run 0 lalanh a household add head='Đinh Thị Giữ Lại' code=A-6
run 0 lalanh a backup "$stick/third.llbak"
kept=$(ls "$work/a")
LALANH_USER=giam run 5 lalanh a --json --password-file "$work/giam" rebuild --yes
fails accounts.not_allowed
LALANH_USER=tam run 5 lalanh a --json --password-file "$work/giam" rebuild --yes
fails accounts.wrong_password
LALANH_USER=giam run 5 lalanh a --json --password-file "$work/giam" restore "$stick/first.llbak" --yes
fails accounts.not_allowed
run 5 lalanh a --json --password-file "$work/giam" restore "$stick/third.llbak" --user giam --yes
fails accounts.not_allowed
run 0 lalanh a sign-out
for command in rebuild "restore $stick/first.llbak"; do
  LALANH_PASSWORD_FILE='' run 5 lalanh a --json $command --yes < /dev/null
  fails accounts.sign_in
done
equal "files in the folder" "$(ls "$work/a")" "$kept"
equal "households after what was refused" "$(count a)" 4
run 0 lalanh a restore "$stick/third.llbak" --user tam --yes
equal "households of the backup" "$(count a)" 4
run 0 lalanh a household remove A-6 --reason 'thử'
unset LALANH_USER
run 0 lalanh a --password-file "$password" sign-in tam

# --- on a new laptop, by the password, without a ticket; and who has it not -----------------------------
printf 'không phải mật khẩu\n' > "$work/wrong"
run 5 lalanh b --json --password-file "$work/wrong" restore "$second" --yes
fails accounts.wrong_password
holds "nothing was made" test ! -e "$work/b/lalanh.db"
run 0 lalanh b --password-file "$password" restore "$second" --yes
run 0 lalanh b sync
equal "households on the new laptop" "$(count b)" 3
head -c 3000 "$second" > "$stick/cut.llbak"
run 1 lalanh b --json restore "$stick/cut.llbak" --yes
fails backup.altered
run 1 lalanh b --json restore "$work/units.csv" --yes
fails backup.not_one

# --- what is another's: of a server, of another unit, of another machine -------------------------------
run 5 lalanh c --json --password-file "$work/wrong" restore "$second" --yes # locked: nobody's yet
fails accounts.wrong_password
run 1 lalanhd c --json restore "$second" --yes
fails backup.other_program
holds "nothing was made" test ! -e "$work/c/lalanh.db"
laptop other 1440402 hall "Lê Thị Khác, Trưởng thôn"
run 0 lalanh other --json status
before=$(ls "$work/other")
run 1 lalanh other --json --password-file "$password" restore "$second" --yes
fails backup.other_unit
equal "files in the folder" "$(ls "$work/other")" "$before"
laptop same 1440401 hall "Bùi Văn Tám, Trưởng thôn"
run 0 lalanh same --json status
run 0 lalanh same --password-file "$password" restore "$second"
has "máy KHÁC"
run 0 lalanh same --json --password-file "$password" restore "$second"
is .other_machine true
is .replaces true
run 0 lalanh b --json --password-file "$password" restore "$second"
is .other_machine false
run 0 lalanh same --password-file "$password" restore "$second" --yes
has "máy KHÁC"
has "Đã khôi phục"

# --- no backup: damaged, then gone ------------------------------------------------------------------
printf 'không còn gì' | dd of="$work/b/lalanh.db" bs=1 seek=5000 conv=notrunc 2> /dev/null
head -c 4000 /dev/zero | dd of="$work/b/lalanh.db" bs=1 seek=4096 conv=notrunc 2> /dev/null
rm -f "$work"/b/lalanh.db-*
run 4 lalanh b household list
says "rebuild"
run 0 lalanh b --json rebuild
is .done false
is .unsent null
kept=$(ls "$work/b")
stop_server hall
run 3 lalanh b --json rebuild --yes # nobody there to load it from: nothing is moved
fails sync.unreachable
equal "files in the folder" "$(ls "$work/b")" "$kept"
start_server hall
run 0 lalanh b rebuild --yes
has "Không đọc được cơ sở dữ liệu"
equal "households loaded again" "$(count b)" 3
rm -f "$work"/b/lalanh.db*
run 4 lalanh b --json household list
fails store.gone
run 0 lalanh b rebuild --yes
run 0 lalanh b verify
equal "households loaded again" "$(count b)" 3

# --- a database that can be read is given up only after one more sync: nothing unsent is lost ---------
run 0 lalanh other household add head='Đinh Thị Gửi Trước' code=B-1
run 0 lalanh other rebuild
has "mục chưa gửi: chúng được gửi trước"
kept=$(ls "$work/other")
stop_server hall
run 3 lalanh other --json rebuild --yes
fails sync.unreachable
equal "files in the folder" "$(ls "$work/other")" "$kept"
start_server hall
run 0 lalanhd hall newest --yes
run 0 lalanh other rebuild --yes
has "được cất vào một thư mục con"
lacks "⚠"
equal "households loaded again" "$(count other)" 1
run 0 lalanh other household add head='Đinh Thị Không Gửi Được' code=B-2
run 0 lalanh other household list
kept=$(ls "$work/other")
run 0 lalanhd hall device revoke "$(lalanh other --json status | jq .device)" --yes
run 5 lalanh other --json rebuild --yes
fails trust.revoked
equal "files in the folder" "$(ls "$work/other")" "$kept"
equal "households of one that was revoked" "$(count other)" 2

# --- the hall, whose disk dies --------------------------------------------------------------------
run 0 lalanhd hall backup "$stick/hall.llbak"
has "Chỉ mở được bằng device.key"
run 0 lalanhd hall recovery new "$stick"
run 0 lalanhd hall recovery set "$stick/recovery.pub"
run 2 lalanhd hall --json recovery set "$work/units.csv"
fails input.wrong_file
run 0 lalanhd hall --json backup "$stick/hall.llbak"
is .elsewhere true
run 0 lalanh a household add head='Đinh Thị Sau Nữa' code=A-5
run 0 lalanh a sync
stop_server hall KILL
rm -rf "$work/hall"
run 1 lalanhd hall --json restore "$stick/hall.llbak" --yes
fails backup.no_key
run 1 lalanh hall --json restore "$stick/hall.llbak" --recovery-key "$stick/recovery.key" --yes
fails backup.other_program
run 0 lalanhd hall restore "$stick/hall.llbak" --recovery-key "$stick/recovery.key" --yes
start_server hall
run 0 lalanh a --json status
is .unsent 0
run 0 lalanh a sync
run 0 lalanhd hall verify
run 0 lalanhd hall --json report --period 2024 --unit 1440401
is .total.households 4
run 0 lalanhd hall sync-up
run 0 lalanhd hall rebuild
has "Chưa làm gì"
run 4 lalanhd hall rebuild --yes
stop_server hall
run 0 lalanhd hall rebuild --yes
run 0 lalanhd hall --json report --period 2024 --unit 1440401
is .total.households 4
run 1 lalanhd province --json rebuild --yes
fails sync.is_top
finish_checks
