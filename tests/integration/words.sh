#!/usr/bin/env bash
# What the programs say when they are used wrongly: in the language asked for, naming what was wrong,
# with the documented exit code, and with nothing changed.
set -euo pipefail
source "$(dirname "$0")/lib/lib.sh"
make_units "$work/units.csv"
province province "$work/units.csv" "Nguyễn Thị Thử, Sở"
laptop v 1440401 province "Bùi Văn Thử, Trưởng thôn"

# --- the command line ----------------------------------------------------------------------------
run 2 lalanh v hosehold
says "Không hiểu 'hosehold'"
run 2 lalanh v --lang en household ad
says "'ad' is not understood. See 'lalanh household --help'"
run 2 lalanh v --json nothing
fails input.unknown_word
run 2 lalanh v household set ĐN-001
says "Lệnh còn thiếu"
says_not "required"
run 2 lalanh v serve --port x
says "Giá trị của --port không đúng"
run 2 lalanhd province --lang=en report --perod 2023
says "'--perod' is not understood"
run 0 lalanh v household --help
has "Cách dùng: lalanh household"
lacks "Print this help"
run 0 lalanh v --lang en household --help
has "Usage: lalanh household"
lacks "Tuỳ chọn"

# --- before anything was made or received ----------------------------------------------------------
run 4 lalanh nothing --json enrol "$work/v.llticket"
fails store.not_made
run 0 lalanh v household add head="Bùi Văn Quyết" code=ĐN-001
run 0 lalanh v report
has "Thôn Một"
run 0 lalanh v reported
has "Thôn Một: không có đơn vị nào ở dưới"

# --- fields, codes, settings -----------------------------------------------------------------------
run 2 lalanh v household set ĐN-001 phone
says "'phone' phải viết theo dạng tên=giá trị"
run 2 lalanh v household set ĐN-001 colour=red
says "Không có trường 'colour'"
run 1 lalanh v --json household add head="Bùi Văn Hai" code=ĐN-001
fails register.duplicate
run 0 lalanh v household add head="Bùi Văn Hai" code=ĐN-002
run 1 lalanh v --json household set ĐN-002 code=ĐN-001
fails register.duplicate
run 0 lalanh v household set ĐN-002 code=ĐN-002 phone=0100000002
run 2 lalanh v config parent "không phải địa chỉ"
says "không phải địa chỉ máy chủ"
run 2 lalanhd province ticket --unit 1440401 --address nonsense --out "$work/x.llticket"
says "'nonsense' không phải địa chỉ máy chủ"
run 1 lalanh v --json settle ĐN-001 --removal keep
fails register.not_disputed

# Two machines that were offline can give one code: both stand, and are told apart by their ids.
laptop w 1440401 province "Lê Thị Ba, Phó thôn"
run 0 lalanh w household add head="Lê Thị Ba" code=ĐN-001
run 0 lalanh w sync
run 0 lalanh v sync
run 1 lalanh v household show ĐN-001
says "chỉ nhiều hơn một mục"
ids=$(grep -o '[0-9]*-[0-9a-f]*\.[0-9]*' <<< "$err" | sort -u)
equal "ids named" "$(wc -l <<< "$ids")" 2
for id in $ids; do run 0 lalanh v household show "$id"; done

# --- what would quietly be wrong -------------------------------------------------------------------
run 2 lalanh v --json household remove '' --reason Thử
fails input.missing
run 2 lalanh v --json household remove ĐN-002 --reason ' '
fails input.missing
run 2 lalanh v member set ĐN-002 name=Ai
says "'ĐN-002' không phải mã dài"
run 1 lalanh v --json household keep ĐN-002
fails register.not_removed
run 1 lalanh v --json report --unit 372
fails register.not_here
run 1 lalanh v --json report --date 2001-01-01
fails register.not_known_then
run 0 lalanh v report --date 31/12/2024
laptop officer 14404 province "Phạm Văn Cường, công chức xã"
run 0 lalanh officer sync
run 1 lalanh officer household add head="Ai Đó" code=X-1
says "Xã Thử không phải thôn"
run 0 lalanh officer household add head="Ai Đó" code=X-1 --unit 1440402
ticket nobody 1440403 province village
lalanh nobody init "$work/nobody.llticket" --no-users > /dev/null
run 2 lalanh nobody household add head="Ai Đó"
says "Chưa biết ai đang làm"
code=0
lalanh v household list > /dev/full 2> "$work/run.err" || code=$?
equal "exit code of a list that cannot be written" "$code" 1

# A period of one entry, of a month or by a slip, takes no report over.
run 0 lalanh v assessment add ĐN-002 period=2024 income=900000 area=R
run 0 lalanh v assessment add ĐN-002 period=2099 income=1
run 0 lalanh v --json report
is .period 2024
run 0 lalanh v household list
has "kết quả kỳ 2024"
run 0 lalanh v household show ĐN-002
has "Chưa có quy định cho kỳ này."
run 0 lalanh v assessment add ĐN-002 period=2024 income=800000 area=R
run 0 lalanh v --json household show ĐN-002
is '[.assessments[] | select(.fields.period == "2024" and .counted)] | length' 1
run 0 lalanh v household show ĐN-002
has "không tính, kỳ này có phiếu khác"
run 0 lalanh v fields
has "Thiếu hụt: việc làm"
has "Nông thôn (R)"

# A removal that another edited against is shown with who, when and why.
run 0 lalanh v sync
run 0 lalanh w sync
run 0 lalanh v household remove ĐN-002 --reason "Chuyển đi"
run 0 lalanh w household set ĐN-002 phone=0100000003
run 0 lalanh v sync
run 0 lalanh w sync
run 0 lalanh v sync
run 0 lalanh v household show ĐN-002
has "≠ Có người đưa ra khỏi danh sách"
has "đưa ra: Chuyển đi · Bùi Văn Thử, Trưởng thôn"
run 0 lalanh v conflicts
has "đưa ra: Chuyển đi"
run 1 lalanh v --json settle ĐN-002 --take 99
fails register.not_taken
run 2 lalanh v --json settle ĐN-002
fails input.not_settled
run 0 lalanh v settle ĐN-002 --removal keep

# A machine of one unit is not made one of another, and nothing it has is passed over in silence.
ticket w2 1440402 province village
run 5 lalanh w --json init --no-users "$work/w2.llticket"
fails trust.other_unit
run 0 lalanh w --json status
is .unit_code 1440401
mkdir -m 755 "$work/open"
ticket open 1440403 province village
lalanh open init "$work/open.llticket" --no-users --actor "Ai" > /dev/null
run 0 lalanh open sync
equal "files that others could read" "$(find "$work/open" -type f -perm /077)" ""
mv "$work/open/device.key" "$work/key"
run 1 lalanh open --json status
fails system.file
ticket again 1440403 province village
run 1 lalanh open --json init "$work/again.llticket" --no-users
fails system.exists
mv "$work/key" "$work/open/device.key"
rm "$work/open/lalanh.db"
run 4 lalanh open --json status
fails store.gone
rm "$work/open/lalanh.lock"
run 0 lalanh open sync

# --- history and log in words ------------------------------------------------------------------------
run 0 lalanh v history ĐN-002
has "sửa · Hộ · Bùi Văn Hai (ĐN-002)"
has "Điện thoại: 0100000002"
lacks "set phone"
lacks "T0"
lacks "+07:00"
run 0 lalanh v --lang en log --limit 5
has "corrected · Household"

# --- files ---------------------------------------------------------------------------------------
run 1 lalanh v import "$work/không-có.csv"
says "không có tệp hoặc thư mục này"
printf 'code,head\nA-1,Tên\nA-2,T\xean\n' > "$work/cp1258.csv"
run 2 lalanh v import "$work/cp1258.csv"
says "cp1258.csv:3"
says "UTF-8"
printf 'code,head,head_birth\nA-1,Tên,1980\nA-2,,1980\n' > "$work/list.csv"
run 0 lalanh v import "$work/list.csv" --dry-run
has "chưa ghi gì"
run 0 lalanh v import "$work/list.csv" --good
has "list.csv, dòng 3, cột head"
lacks "Không có gì thay đổi"
has "1 mục mới"

# --- servers ---------------------------------------------------------------------------------------
run 0 lalanhd province status
has "Máy chủ cao nhất"
lacks "chờ gửi"
run 1 lalanhd province sync-up
says "máy chủ cao nhất"
lalanhd other init --units "$work/units.csv" --actor "Khác" > /dev/null
run 1 lalanhd other serve --listen "127.0.0.1:${port[province]}"
says "Cổng ${port[province]} đang được một chương trình khác dùng"
says_not '{'
run 1 lalanh v serve --port "${port[province]}"
says "Cổng ${port[province]} đang được một chương trình khác dùng"
run 2 lalanhd other serve --listen x
says "--listen cần địa chỉ và cổng"
run 2 lalanhd other --lang en serve --insecure-lan
says "--insecure-lan"
says_not "chưa"

serve_laptop v
run 4 lalanh v serve
says "đang được một chương trình khác mở"
run 2 lalanh v sync --cut-after-bytes 100
says "hãy đóng 'serve' trước"
stop_server v
"${guard[@]}" "$LALANH_BIN/lalanh" --folder "$work/v" --json serve > "$work/v.json" 2>&1 &
pid[v]=$!
for ((i = 0; i < 200; i++)); do [ -s "$work/v.json" ] && break; sleep 0.05; done
holds "serve says in JSON where it is" jq -e '.port > 0 and (.token | length) == 64' "$work/v.json"
stop_server v
stop_server province
run 3 lalanh v sync
says "không có chương trình nào đang nhận ở đó"
run 3 lalanh v --lang en sync
says "nothing listens there"

# --- verify by scope -----------------------------------------------------------------------------------
run 0 lalanh v --json verify
is '[.by_scope[] | select(.unit > 0 and .events > 0 and (.digest | length) == 64)] | length > 1' true
is '[.by_scope[].events] | add == '"$(jq .events <<< "$out")" true
finish_checks
