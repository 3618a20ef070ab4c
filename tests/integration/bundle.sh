#!/usr/bin/env bash
# A village that never has a link: everything goes by stick, up and down, and comes to what a sync by
# the network gives. Sticks pulled out, altered, lost, brought to the wrong place.
set -euo pipefail
source "$(dirname "$0")/lib/lib.sh"
make_units "$work/units.csv"
province province "$work/units.csv" "Nguyễn Thị Thử, Sở"
server hall 14404 province
laptop a 1440401 hall "Bùi Văn Một, Trưởng thôn"
laptop c 1440401 hall "Bùi Thị Hai, Phó thôn" # has a link
laptop b 1440402 hall "Lê Văn Ba, Trưởng thôn"
LALANH_BIN=$(cd "$LALANH_BIN" && pwd)
stick=$work/stick
mkdir "$stick"
# digest NODE: of the village's records, by the node that does not serve (laptop) or does (server)
digest() {
  case $1 in
    hall | province) api "$1" /api/verify -X POST ;;
    *) lalanh "$1" --json verify ;;
  esac | jq -r '.by_scope[] | select(.unit == 3700004 and .channel == "records") | .digest'
}
unit_of_village=$(sqlite3 -readonly "$work/hall/lalanh.db" "SELECT unit FROM issued ORDER BY device LIMIT 1")
equal "the village's number" "$unit_of_village" 3700004

# --- the first stick goes down: the tree of units, before the laptop ever spoke -------------------
run 1 lalanh a --json bundle import "$stick"
fails bundle.none
run 0 lalanhd hall --json bundle export "$stick" --for 1440401
is .direction down
is '.files | length' 1
run 0 lalanh a --json bundle import "$stick"
is .ok true
holds "the tree came" [ "$(jq .events_received <<< "$out")" -gt 0 ]
run 0 lalanh a --json status
is .unit_name "Thôn Một"
is .unsent 0

# --- an evening's work goes up ---------------------------------------------------------------------
make_households TM 40 > "$work/list.csv"
run 0 lalanh a import "$work/list.csv"
run 0 lalanh a --json status
unsent=$(jq .unsent <<< "$out")
run 0 lalanh a --json bundle export "$stick"
is .direction up
is .events "$unsent"
run 0 lalanh a bundle inspect "$stick"
has "của Thôn Một, máy số "
has "gửi lên cấp trên"
has "gói nguyên vẹn: "
run 1 lalanh b --json bundle inspect "$stick" # another village finds the stick
is '[.files[] | .error.name] | unique | join(" ")' bundle.not_for_us
lacks "Đinh Thị"
for file in "$stick"/*.llb; do absent "Đinh Thị" "$file"; done
run 0 lalanh a --json status
is .unsent "$unsent" # written to a stick is not sent
run 0 lalanhd hall --json bundle import "$stick"
is .events_received "$unsent"
is '[.files[] | select(.own)] | length' 1
run 0 lalanhd hall bundle import "$stick" # twice
has "Đã nhận 0 mục."
equal "digest at the hall" "$(digest hall)" "$(digest a)"

# --- and back, while `serve` has the laptop's database ----------------------------------------------
run 0 lalanhd hall --json bundle export "$stick" --for 1440401
serve_laptop a
cd "$stick"
run 0 lalanh a bundle import . # a path of this program, not of the server
cd - > /dev/null
run 0 lalanh a --json status
is .unsent 0
holds "the time of the receipt" jq -e '.received_by_parent | startswith("20")' <<< "$out"
run 0 lalanh a --json bundle export "$stick"
stop_server a

# --- by the network it is the same -------------------------------------------------------------------
run 0 lalanh c --json sync
equal "digest by the network" "$(digest c)" "$(digest a)"

# --- a stick pulled out, another altered, one lost ------------------------------------------------------
rm "$stick"/*.llb
for i in 1 2 3; do
  lalanh a household set TM-001 address="Xóm Mới $i" > /dev/null
  mkdir "$work/stick$i"
  run 0 lalanh a --json bundle export "$work/stick$i"
done
head -c 900 "$work"/stick1/*.llb > "$stick/cut.llb"
cp "$work"/stick2/*.llb "$stick/altered.llb"
printf '\x55' | dd of="$stick/altered.llb" bs=1 seek=1000 conv=notrunc status=none
printf 'ảnh' > "$stick/photo.llb"
cp "$work"/stick3/*.llb "$stick/"
run 1 lalanhd hall --json bundle import "$stick"
is .ok false
is '[.files[] | select(.error != null) | .error.name] | sort | join(" ")' \
  "bundle.altered bundle.cut bundle.not_one"
is '[.files[] | select(.error == null)] | length' 1
equal "digest at the hall" "$(digest hall)" "$(digest a)"
run 1 lalanhd hall bundle import "$stick/cut.llb"
has "Gói bị cụt"
run 1 lalanhd hall --lang en bundle import "$stick/altered.llb"
has "damaged or was altered"
run 0 lalanhd hall --json bundle import "$work/stick1" # late
is '.files[0].late' true
is .events_received 0

# --- parts: a folder goes on where it stopped -------------------------------------------------------------
rm "$stick"/*.llb
make_households TN 300 | while IFS= read -r line; do
  case $line in
    code,*) printf '%s,note\n' "$line" ;;
    *) printf '%s,%s\n' "$line" "$(head -c 450 /dev/urandom | od -An -tx1 | tr -d ' \n')" ;;
  esac
done > "$work/long.csv"
run 0 lalanh a import "$work/long.csv"
run 0 lalanh a --json bundle export "$stick" --part-bytes 131072
parts=$(jq '.files | length' <<< "$out")
holds "parts" [ "$parts" -ge 2 ]
run 0 lalanh a bundle export "$stick" --part-bytes 131072
has "Thẻ đã có đủ"
rm "$stick/$(ls "$stick" | head -n 1)"
touch "$stick/~ll1-1.tmp"
run 0 lalanh a --json bundle export "$stick" --part-bytes 131072
is '.files | length' 1
holds "what a broken export left is gone" [ ! -e "$stick/~ll1-1.tmp" ]
run 0 lalanhd hall --json bundle import "$stick"
is .waiting 0
equal "digest at the hall" "$(digest hall)" "$(digest a)"
run 2 lalanh a --json bundle export "$stick" --part-bytes 5
fails input.out_of_range
run 1 lalanh a --json bundle export "$work/no-such-folder"
fails system.file
run 0 lalanh a --json bundle export "$work/one.llb"
run 0 lalanh a --json bundle inspect "$work/one.llb"
is '.files[0].parts' 1

# --- the hall has no link either -----------------------------------------------------------------------------
rm "$stick"/*.llb
run 2 lalanhd hall --json bundle export "$stick"
fails input.usage
run 0 lalanhd hall --json bundle export "$stick" --up
run 0 lalanhd province --json bundle import "$stick"
is .ok true
equal "digest at the province" "$(digest province)" "$(digest a)"
run 0 lalanhd province --json bundle export "$stick" --for 14404
run 0 lalanhd hall --json bundle import "$stick"
run 0 lalanhd hall --json status
is .unsent 0
run 1 lalanhd province --json bundle export "$stick" --up
fails sync.is_top
run 1 lalanhd province --json bundle export "$stick" --for 1440403
fails bundle.no_reader
run 1 lalanhd hall --json bundle export "$stick" --for 372
fails register.not_here

# --- the database is lost: all of it comes by stick again ------------------------------------------------------
before=$(digest a)
rm "$work"/a/lalanh.db* "$stick"/*.llb
run 0 lalanh a rebuild --stick
has "Chưa làm gì"
run 0 lalanh a --json rebuild --stick --yes
is .households 0
run 0 lalanh a --json bundle export "$stick"
run 0 lalanhd hall --json bundle import "$stick"
run 0 lalanhd hall --json bundle export "$stick" --for 1440401
run 0 lalanh a --json bundle import "$stick"
equal "digest of what came by stick" "$(digest a)" "$before"
run 0 lalanh a --json status
is .unsent 0

# --- a neighbour gets nothing -----------------------------------------------------------------------------------
run 0 lalanhd hall --json bundle export "$work/b.llb" --for 1440402
run 0 lalanh b --json bundle import "$work/b.llb"
run 0 lalanh b --json household list
is .total 0
absent "Đinh Thị" "$work/b/lalanh.db"
for node in a b c; do
  run 0 lalanh "$node" --json verify
  is '[.ok, .differences] | tojson' '[true,[]]'
done
finish_checks
