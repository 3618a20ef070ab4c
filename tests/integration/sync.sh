#!/usr/bin/env bash
# Syncs as a village sees them: the server is down, the link is cut, two people write the same field,
# one removes what another edits; and what neighbours may not see.
set -euo pipefail
source "$(dirname "$0")/lib/lib.sh"
source "$root/tests/integration/lib/agree.sh"
make_units "$work/units.csv"
province province "$work/units.csv" "Nguyễn Thị Thử, Sở"
server hall 14404 province
laptop a 1440401 hall "Bùi Văn Một, Trưởng thôn"
laptop b 1440401 hall "Bùi Thị Hai, Phó thôn"
laptop c 1440402 hall "Lê Văn Ba, Trưởng thôn"
laptop officer 14404 hall "Phạm Thị Xã, công chức xã"
sync() { lalanh "$1" --json sync; }

# --- the server is down --------------------------------------------------------------------------
stop_server hall
lalanh a household add head='Đinh Thị Mười' code=ĐN-014 > /dev/null
lalanh a household add head='Đinh Thị Chín' code=ĐN-009 > /dev/null
run 3 sync a
fails sync.unreachable
is . ""
run 3 lalanh a sync
says "Không nối được tới máy chủ 127.0.0.1:${port[hall]}"
says "Mọi thứ vẫn lưu trên máy này; hãy thử lại khi có mạng."
run 3 lalanh a --lang en sync
says "Everything is kept on this machine; try again when there is a network."
run 0 lalanh a --json status
is .unsent 2
is .received_by_parent null
is .households 2
run 0 lalanh a status
has "2 mục đang chờ gửi"
stop_server province
run 3 lalanhd hall --json sync-up
fails sync.unreachable
start_server province
start_server hall

# --- something else is there ------------------------------------------------------------------------
lalanh a config parent "127.0.0.1:${port[province]}" > /dev/null
run 5 sync a
fails trust.other_server
run 5 lalanh a sync
says "Máy trả lời ở 127.0.0.1:${port[province]} không phải máy chủ cấp trên của máy này."
read_api hall
lalanh a config parent "127.0.0.1:$api_port" > /dev/null
run 3 sync a
fails sync.not_tls
lalanh a config parent "127.0.0.1:${port[hall]}" > /dev/null
# The key of the link is lost: the server makes another, and no child needs to know.
stop_server hall
rm "$work/hall/tls.pem"
start_server hall
holds "the log says so" grep -q '"event":"tls_key_made"' "$work/hall.log"

# --- it is there again -----------------------------------------------------------------------------
run 0 sync a
is .events_sent 2
is .refused 0
is .equal_at_start false
run 0 lalanh a --json status
is .unsent 0
holds "the time of the receipt" jq -e '.received_by_parent | startswith("20")' <<< "$out"
run 0 sync a
is .equal_at_start true
run 0 lalanh a sync
has "Hai bên đã có như nhau, không có gì phải gửi."
run 0 sync b
run 0 lalanh b --json household list
is .total 2
run 0 sync c
run 0 lalanh c --json household list # a neighbour sees nothing
is .total 0
is '.households | length' 0
run 0 lalanhd hall --json sync-up
is .events_sent 2
run 0 lalanhd province --json status
is .households 2

# --- the link is cut in the middle -------------------------------------------------------------------
make_households TH 200 > "$work/list.csv"
lalanh c import "$work/list.csv" > /dev/null
run 3 lalanh c --json sync --cut-after-bytes 700
fails sync.cut
run 3 lalanh c sync --cut-after-bytes 1000
says "lần sau sẽ tiếp tục từ chỗ dừng"
run 0 lalanh c --json status
unsent=$(jq .unsent <<< "$out")
holds "something is still to be sent" [ "$unsent" -gt 0 ]
run 0 sync c
is .refused 0
run 0 lalanh c --json status
is .unsent 0
equal "households at the hall" "$(api hall "/api/households?unit=1440402" | jq .total)" 200
run 0 lalanh c --json log --limit 1
equal "the newest of the hall's log" "$(api hall "/api/log?unit=1440402&limit=1" | jq -c .events)" "$(jq -c .events <<< "$out")"

# --- two write the same field ---------------------------------------------------------------------------
lalanh a household set ĐN-014 phone=0100000001 > /dev/null
lalanh b household set ĐN-014 phone=0100000002 > /dev/null
lalanh b household set ĐN-009 address='Xóm Trên' > /dev/null # nobody else writes this one
sync a > /dev/null
run 0 sync b
run 0 lalanh b --json conflicts
is .total 1
run 0 sync officer
run 0 lalanh officer --json conflicts
is .total 1
is '.conflicts[0].code' ĐN-014
is '.conflicts[0].fields | map(.name) | join(" ")' phone
is '[.conflicts[0].fields[0].values[] | "\(.value) \(.actor)"] | sort | join("; ")' \
  "0100000001 Bùi Văn Một, Trưởng thôn; 0100000002 Bùi Thị Hai, Phó thôn"
id=$(jq -r '.conflicts[0].id' <<< "$out")
second=$(jq -r '.conflicts[0].fields[0].values[] | select(.value == "0100000002") | .device' <<< "$out")
run 0 lalanh officer conflicts
has "≠ Đinh Thị Mười (ĐN-014) · Thôn Một"
has "0100000001 · Bùi Văn Một, Trưởng thôn · máy số "
run 0 lalanh officer household list 'dinh thi muoi'
has "≠"
run 0 lalanhd hall --json status
is .conflicts 1
run 1 lalanh officer --json settle "$id" head='Ai đó'
fails register.not_disputed
run 0 lalanh officer settle "$id" phone=0100000003 --actor "Phạm Thị Xã, sau khi gọi"
sync officer > /dev/null
for laptop in a b; do
  run 0 sync "$laptop"
  run 0 lalanh "$laptop" --json conflicts
  is .total 0
  run 0 lalanh "$laptop" --json household show ĐN-014
  is .fields.phone 0100000003
  run 0 lalanh "$laptop" --json history ĐN-014 --field phone
  is '[.events[].ops[] | select(.name == "phone") | .value] | sort | join(" ")' "0100000001 0100000002 0100000003"
done
run 1 lalanh officer --json settle "$id" phone=0100000004
fails register.not_disputed

# Settled by taking all of one device.
lalanh a household set ĐN-014 note='Máy một' > /dev/null
lalanh b household set ĐN-014 note='Máy hai' > /dev/null
sync a > /dev/null
sync b > /dev/null
run 0 lalanh b --json settle ĐN-014 --take "$second"
run 0 lalanh b --json household show ĐN-014
is .fields.note "Máy hai"
sync b > /dev/null
run 0 sync a
run 0 lalanh a --json household show ĐN-014
is .fields.note "Máy hai"
is '.conflicts | length' 0

# --- one removes what another edits ------------------------------------------------------------------------
lalanh a household remove ĐN-009 --reason 'Chuyển đi' > /dev/null
lalanh b household set ĐN-009 phone=0100000009 > /dev/null
sync a > /dev/null
sync b > /dev/null
run 0 lalanh b --json conflicts
is .total 1
is '.conflicts[0].disputed' true
id=$(jq -r '.conflicts[0].id' <<< "$out")
run 0 lalanh b conflicts
has "--removal remove hoặc keep"
run 2 lalanh b --json settle "$id" --removal perhaps
fails input.not_a_choice
run 0 lalanh b settle "$id" --removal keep
sync b > /dev/null
run 0 sync a
run 0 lalanh a --json household show ĐN-009
is .presence there
is .fields.phone 0100000009
is .fields.address "Xóm Trên"

# --- at rest all agree ------------------------------------------------------------------------------------------
for laptop in a b c officer; do serve_laptop "$laptop"; done
rest a b c officer hall
want=$(counts province 14404)
for node in hall officer; do equal "report 1 of the commune by $node" "$(counts "$node" 14404)" "$want"; done
equal "households in it" "$(jq .households <<< "$want")" 202
for node in a b; do equal "report 1 of the village by $node" "$(counts "$node" 1440401)" "$(counts province 1440401)"; done
for node in province hall officer a b c; do
  equal "verify of $node" "$(api "$node" /api/verify -X POST | jq -c '[.ok, .differences]')" '[true,[]]'
done
out=$(api hall "/api/reported?all=1")
is '[.units[] | select(.newest_arrival != null) | .code] | sort | join(" ")' "14404 1440401 1440402"
holds "contacts" jq -e '[.units[] | select(.last_contact != null)] | length > 0' <<< "$out"
finish_checks
