#!/usr/bin/env bash
# Databases that something is wrong with: newer than the program, altered, damaged, put back from an
# older copy. Nothing is overwritten, and what is wrong is said.
set -euo pipefail
source "$(dirname "$0")/lib/lib.sh"
source "$root/tests/integration/lib/agree.sh"
make_units "$work/units.csv"
province province "$work/units.csv" "Nguyễn Thị Thử, Sở"
laptop v 1440401 province "Bùi Văn Thử, Trưởng thôn"
make_households TH 20 > "$work/list.csv"
lalanh v import "$work/list.csv" > /dev/null
lalanh v sync > /dev/null
run 0 lalanh v --json verify
is .ok true

# changed SQL: a copy of the laptop's folder, x, with the database altered
changed() {
  rm -rf "$work/x"
  cp -r "$work/v" "$work/x"
  sqlite3 "$work/x/lalanh.db" "$1"
}
# altered NODE TABLE COLUMN FROM TO: a copy, x, in which the longest such blob that has FROM has TO instead;
# FROM may be a percentage: four bytes at that part of the blob get another bit. One alone may be a bit of a
# compressed frame that means nothing
altered() {
  rm -rf "$work/x"
  cp -r "$work/$1" "$work/x"
  python3 - "$work/x/lalanh.db" "${@:2}" << 'PY'
import sqlite3
import sys
path, table, column, old, new = sys.argv[1:]
database = sqlite3.connect(path)
for row, data in database.execute(f"SELECT rowid, {column} FROM {table} ORDER BY length({column}) DESC").fetchall():
    if old.endswith("%"):
        data = bytearray(data)
        for at in range(4):
            data[len(data) * int(old[:-1]) // 100 + at] ^= 1
    elif old.encode() in data:
        data = data.replace(old.encode(), new.encode())
    else:
        continue
    database.execute(f"UPDATE {table} SET {column}=? WHERE rowid=?", (bytes(data), row))
    break
else:
    sys.exit("nothing to alter")
database.commit()
PY
}

# --- newer than the program -----------------------------------------------------------------------
changed "PRAGMA user_version=99"
before=$(sha256sum < "$work/x/lalanh.db")
for command in status "household add head=Ai code=A-1" sync verify; do
  read -ra words <<< "$command"
  run 4 lalanh x --json "${words[@]}"
  fails store.newer
  equal "its version" "$(jq -r .error.context.found <<< "$err")" 99
done
run 4 lalanh x status
known=$(find "$root/shared/store/sql" -name '*.sql' | wc -l)
says "mới hơn chương trình (bản 99, chương trình biết đến $known). Dữ liệu nguyên vẹn; hãy cập nhật chương trình."
run 4 lalanh x --lang en status
says "The data is intact; upgrade the program."
equal "the newer database" "$(sha256sum < "$work/x/lalanh.db")" "$before"
stop_server province
rm -rf "$work/y"
cp -r "$work/province" "$work/y"
sqlite3 "$work/y/lalanh.db" "PRAGMA user_version=99"
run 4 lalanhd y --json serve --listen 127.0.0.1:0
fails store.newer
start_server province

# --- verify finds what was altered -------------------------------------------------------------------
altered v segment bytes 50% ""
run 6 lalanh x --json verify
is .ok false
holds "the signature or the chain is named" jq -e '.differences | map(test("chain|signature|head|segment")) | any' <<< "$out"
changed "UPDATE assessment SET class=1 WHERE id=(SELECT max(id) FROM assessment WHERE class<>1)"
run 6 lalanh x --json verify
is .ok false
holds "the class is named" jq -e '.differences | map(test("class 1")) | any' <<< "$out"
run 6 lalanh x verify
has "⚠ "
has "CÓ CHỖ KHÁC."
run 6 lalanh x --lang en verify
has "THERE ARE DIFFERENCES."
changed "UPDATE household SET counted=0 WHERE id=(SELECT max(id) FROM household)"
run 6 lalanh x --json verify
is .ok false
changed "UPDATE stream SET head=zeroblob(32) WHERE no=(SELECT max(no) FROM stream)"
run 6 lalanh x --json verify
holds "a chain is named" jq -e '.differences | map(test("chain")) | any' <<< "$out"
changed "UPDATE scope SET heads=zeroblob(32) WHERE channel=0"
run 6 lalanh x --json verify
holds "the sum is named" jq -e '.differences | map(test("heads")) | any' <<< "$out"
altered v entity state "Xóm 3" "Xóm 8"
run 6 lalanh x --json verify
holds "the state is named" jq -e '.differences | map(test("state")) | any' <<< "$out"
equal "the folder that was copied" "$(lalanh v --json verify | jq .ok)" true

# --- damaged, or something else -------------------------------------------------------------------------
rm -rf "$work/x"
cp -r "$work/v" "$work/x"
dd if=/dev/zero of="$work/x/lalanh.db" bs=1 seek=100 count=4000 conv=notrunc status=none
run 4 lalanh x --json status
fails store.corrupt
echo 'no database' > "$work/x/lalanh.db"
run 4 lalanh x --json status
fails store.wrong_key
run 4 lalanh x status
says "hoặc tệp không phải của Lá Lành"
rm "$work/x/lalanh.db"
sqlite3 "$work/x/lalanh.db" "CREATE TABLE other (a); PRAGMA user_version=1"
run 4 lalanh x --json status
fails store.not_ours

# --- put back from an older copy: nothing is lost, nothing collides -----------------------------------------
rm -rf "$work/old"
cp -r "$work/v" "$work/old"
lalanh v household add head='Lê Văn Sau' code=LC-1 > /dev/null
lalanh v sync > /dev/null
mv "$work/v" "$work/gone"
mv "$work/old" "$work/v"
lalanh v household add head='Lê Văn Khác' code=LC-2 > /dev/null
run 0 lalanh v --json sync
is .refused 0
run 0 lalanh v --json household list 'le van'
is .total 2
run 0 lalanh v --json verify
is .ok true
equal "households at the province" "$(api province /api/status | jq .households)" 22

# --- altered bytes anywhere in a segment, and a state row that cannot be read ----------------------
for node in v province; do
  [ "$node" = v ] || stop_server "$node"
  for at in 5 20 80 95; do # its front, then its columns
    altered "$node" segment bytes "$at%" ""
    run 6 "$([ "$node" = v ] && echo lalanh || echo lalanhd)" x --json verify
    is .ok false # OPERATING.md: exit 6, and it names the differences
  done
done
# A state row that cannot be read at all is such a difference too, not a damaged database without a name.
changed "UPDATE entity SET state=zeroblob(length(state)) WHERE id=(SELECT max(id) FROM entity)"
run 6 lalanh x --json verify
is .ok false
finish_checks
