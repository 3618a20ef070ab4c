#!/usr/bin/env bash
# The life of machines: tickets online and by stick, used twice, cancelled; a laptop revoked and
# replaced; a machine copied; a hall put back to an old copy, lost and rebuilt; what tiers above hold.
set -euo pipefail
source "$(dirname "$0")/lib/lib.sh"
source "$root/tests/integration/lib/agree.sh"
make_units "$work/units.csv"
province province "$work/units.csv" "Nguyễn Thị Thử, Sở"
server district 372 province
server hall 14404 district
stick=$work/stick
mkdir "$stick"

# --- a ticket, online ------------------------------------------------------------------------------
ticket a 1440401 hall village
run 0 lalanh a --json init --no-users "$work/a.llticket" --actor "Bùi Văn Một, Trưởng thôn"
is .enrolled true
is .unit_name "Thôn Một"
holds "the ticket is not left open in the folder" test ! -e "$work/a/device.llticket"
run 0 lalanh a --json sync
run 5 lalanh thief --json init --no-users "$work/a.llticket"
fails trust.ticket_used
run 0 lalanhd hall --json tickets
is '.tickets | length' 1
is '.tickets[0].state' used
is '.tickets[0].refused' 1
run 0 lalanhd hall tickets
has "máy khác đã thử dùng"
holds "the hall's log" grep -q '"path":"/s/enrol","status":40' "$work/hall.log"
run 5 lalanh thief household list

# --- by stick, both ways -----------------------------------------------------------------------------
run 0 lalanhd hall --json ticket --unit 1440401 --name "Máy hai" --out "$work/b.llticket"
run 0 lalanh b --json init --no-users "$work/b.llticket" --stick "$stick" --actor "Bùi Thị Hai, Phó thôn"
is .enrolled false
cp "$(jq -r .request <<< "$out")" "$stick/twice.llreq"
run 2 lalanh b --json enrol "$stick"
fails input.missing
run 0 lalanhd hall bundle import "$stick"
has "đã trả lời"
run 0 lalanh b --json enrol "$stick"
is .enrolled true
run 0 lalanhd hall --json certify "$stick/twice.llreq"
holds "the same answer again" cmp "$stick/twice.llcert" "$stick"/enrol-*.llcert
run 0 lalanh b sync

# --- many at once, cancelled, expired by nobody's clock but the parent's ----------------------------
mkdir "$work/many"
run 0 lalanhd hall --json ticket --below 14404 --out "$work/many"
is '.files | length' 3
run 0 lalanhd hall --json tickets
number=$(jq '.tickets[] | select(.code == "1440403") | .device' <<< "$out")
run 0 lalanhd hall ticket cancel "$number"
run 5 lalanh nobody --json init --no-users "$work/many/1440403-$number.llticket"
fails trust.ticket_cancelled
run 0 env LALANH_NOTHING=1 "$LALANH_BIN/lalanh" --folder "$work/c" init --no-users "$work"/many/1440402-*.llticket --actor "Lê Văn Ba"
laptop officer 14404 hall "Phạm Thị Xã, công chức xã"
for node in c officer; do lalanh "$node" sync > /dev/null; done

# --- what the tiers above hold --------------------------------------------------------------------------
lalanh a household add head='Đinh Thị Mười' code=ĐN-014 > /dev/null
run 0 lalanh a sync
run 0 lalanh a --json status
is '[.tiers[] | "\(.rank) \(.unsent)"] | join(", ")' "2 0, 3 1, 4 1"
run 0 lalanh a status
has "… huyện chưa có 1 mục"
lalanhd hall sync-up > /dev/null
lalanhd district sync-up > /dev/null
lalanhd hall sync-up > /dev/null # hears what the province has
run 0 lalanh a --json sync
is .equal_at_start true
run 0 lalanh a --json status
is '[.tiers[] | "\(.rank) \(.unsent)"] | join(", ")' "2 0, 3 0, 4 0"
run 0 lalanh a status
has "✓ huyện đã có đủ"
has "✓ tỉnh đã có đủ"

# --- lost: revoked, replaced, and what it still had is found later -----------------------------------------
lalanh a household add head='Đinh Thị Chín' code=ĐN-009 > /dev/null
lalanh a household set ĐN-014 phone=0100000009 > /dev/null
lalanh a bundle export "$stick" > /dev/null # was made before, and is found after
device=$(lalanh a --json status | jq .device)
run 0 lalanhd hall --json device revoke "$device"
is .done false
is .stands 1
is .aside 0
run 0 lalanh a --json sync # nothing was done yet; but this is what came after the loss
lalanh a household add head='Kẻ Gian' code=ĐN-666 > /dev/null
run 1 lalanhd hall --json device revoke 99
fails register.not_found
run 5 lalanhd hall --json device revoke "$(lalanh officer --json status | jq .device)"
fails trust.same_rank
run 0 lalanhd hall device revoke "$device" --lost-since 2020-01-01
has "để riêng 3 mục"
run 0 lalanhd hall --json device revoke "$device" --reason "Mất máy" --yes
is .done true
is .stands 3
run 5 lalanh a --json sync
fails trust.revoked
run 0 lalanh a status
has "Máy này đã bị thu hồi quyền"
run 0 lalanhd hall --json devices
is "[.devices[] | select(.device == $device) | .state] | join(\",\")" revoked
lalanhd hall bundle export "$stick" --for 1440401 > /dev/null
run 1 lalanh a --json bundle import "$stick"
has '"bundle.not_for_us"'
laptop a2 1440401 hall "Bùi Văn Một, Trưởng thôn"
run 0 lalanh a2 sync
run 0 lalanh a2 --json household list
is '[.households[].fields.code] | sort | join(" ")' "ĐN-009 ĐN-014"
rm "$stick"/*.llb
lalanh a bundle export "$stick" > /dev/null
run 0 lalanhd hall --json bundle import "$stick"
is .events_received 1
run 0 lalanh officer sync
run 0 lalanh officer --json household list
is .total 2
run 0 lalanh officer --json set-aside
is .open 1
is '.events[0].ops[] | select(.name == "head") | .value' "Kẻ Gian"
run 0 lalanh officer set-aside
has "Kẻ Gian"
run 0 lalanh officer --json set-aside enter "$(lalanh officer --json set-aside | jq -r '.events[0].id')"
is .entered 1
run 0 lalanh officer --json set-aside enter --all
is .entered 0
is .already 1
run 0 lalanh officer --json household list
is '[.households[].fields.code] | sort | join(" ")' "ĐN-009 ĐN-014 ĐN-666"
run 0 lalanh officer sync
run 0 lalanh a2 sync
run 0 lalanh a2 --json household list
is .total 3

# The mistake mended: nothing of it stands, and then all of it again.
run 0 lalanhd hall --json device revoke "$device" --nothing --yes
equal "households" "$(api hall /api/households | jq .total)" 1
# In between somebody types one of them again, and enters the others: that one is left, with a reason.
run 0 lalanh officer sync
run 0 lalanh officer household add --unit 1440401 head='Gõ Lại' code=ĐN-009
run 0 lalanh officer --json set-aside enter --all
is '[.left[].name] | unique | join(" ")' register.duplicate
run 0 lalanh officer set-aside enter --all
has "ĐN-009 đã có"
run 0 lalanh officer sync
run 0 lalanhd hall --json device revoke "$device" --yes
for node in officer a2; do run 0 lalanh "$node" sync; done
run 0 lalanh officer --json findings
is '[.findings[] | select(.kind == "code_twice").code] | join(" ")' "ĐN-009 ĐN-009 ĐN-014 ĐN-014 ĐN-666 ĐN-666"
for id in $(jq -r '[.findings[] | select(.kind == "code_twice")] | group_by(.code)[][1].household' <<< "$out"); do
  run 0 lalanh officer household remove "$id" --reason "Nhập hai lần"
done
run 0 lalanh officer --json findings
is .total 0

# --- copied ------------------------------------------------------------------------------------------------
run 0 lalanh c household add head='Lê Thị Năm' code=TH-001
cp -a "$work/c" "$work/c-copy"
for node in c c-copy; do run 0 lalanh "$node" household add head="$node" code="$node"; done
for node in c c-copy c; do run 0 lalanh "$node" sync; done
run 0 lalanh officer sync
run 0 lalanh officer --json findings
is '.machines | length' 1
is '.machines[0].tips | length' 2
run 0 lalanh officer findings
has "đã bị sao chép hoặc khôi phục từ bản cũ"
run 0 lalanh c findings
has "(chính máy này)"
run 0 lalanhd hall --json devices
is '[.devices[] | select(.state == "copied")] | length' 1
run 0 lalanh c --json household list
is .total 3

# --- a hall put back to last night's copy -------------------------------------------------------------------
stop_server hall
cp -a "$work/hall" "$work/hall-old"
start_server hall
run 0 lalanh a2 household add head='Sau bản sao' code=ĐN-100
run 0 lalanh a2 --json sync
run 0 lalanh a2 --json status
is .unsent 0
stop_server hall
rm -r "$work/hall"
mv "$work/hall-old" "$work/hall"
stop_server district
run 3 lalanhd hall --json ticket --unit 1440402 --out "$work/x.llticket" # by a command alone
fails sync.not_compared
start_server hall
run 3 lalanhd hall --json ticket --unit 1440402 --out "$work/x.llticket"
fails sync.not_compared
run 0 lalanhd hall newest
has "chưa so sánh số liệu"
run 0 lalanh a2 --json sync
is .taken_back true
is .events_sent 1
run 0 lalanh a2 --json status
is .unsent 0
run 0 lalanhd hall --json ticket --unit 1440402 --out "$work/x.llticket"
start_server district

# --- a hall lost altogether --------------------------------------------------------------------------------
for node in a2 b c officer; do run 0 lalanh "$node" sync; done
lalanhd hall sync-up > /dev/null
run 0 lalanh a2 household add head='Chỉ xã đã nhận' code=ĐN-101
run 0 lalanh a2 sync
run 0 lalanh b household add head='Chưa gửi' code=ĐN-102
old=$(lalanhd hall --json status | jq .device)
stop_server hall
rm -r "$work/hall"
run 0 lalanhd district --json device revoke "$old" --yes
server hall 14404 district
run 0 lalanh a2 --json config parent "127.0.0.1:${port[hall]}"
run 5 lalanh a2 --json sync
fails trust.other_server
for node in a2 b c; do
  unit=1440401
  [ "$node" != c ] || unit=1440402
  ticket "$node" "$unit" hall village
done
ticket officer 14404 hall officer
for node in a2 b c officer; do
  run 0 lalanh "$node" --json init --no-users "$work/$node.llticket"
  is .enrolled true
done
run 0 lalanh a2 --json sync
is .taken_back true
run 0 lalanh a2 --json status
is .unsent 0
for node in a2 b c officer; do serve_laptop "$node"; done
rest a2 b c officer hall district
for unit in 1440401 1440402; do
  want=$(counts province "$unit")
  for node in hall district officer; do equal "report of $unit by $node" "$(counts "$node" "$unit")" "$want"; done
done
equal "households of the village" "$(counts province 1440401 | jq .households)" 6
digests() { api "$1" /api/verify -X POST | jq -c '[.differences, [.by_scope[] | select(.channel == "records")]]'; }
want=$(digests province)
for node in hall district officer; do equal "digests of $node" "$(digests "$node")" "$want"; done
finish_checks
