#!/usr/bin/env bash
# One laptop as its owner uses it: households, members, assessments, search, history, what is refused
# and how, in both languages and in JSON. No network.
set -euo pipefail
source "$(dirname "$0")/lib/lib.sh"
make_units "$work/units.csv"
province province "$work/units.csv" "Nguyễn Thị Thử, Sở"

v() { lalanh v "$@"; }
j() { lalanh v --json "$@"; }
en() { lalanh v --lang en "$@"; }

# --- a laptop begins -------------------------------------------------------------------------
run 4 v status
says "chưa có dữ liệu của Lá Lành"
run 4 j status
fails store.not_made
stop_server province
start_server province # where nobody was ever enrolled it gives tickets out at once
ticket v 1440401 province village
equal "mode of the ticket" "$(stat -c %a "$work/v.llticket")" 600
stop_server province
run 3 v init "$work/v.llticket" --no-users --actor "Bùi Văn Thử, Trưởng thôn"
has "Khoá của máy này đã có"
has "v/device.llreq"
has "Nếu địa chỉ trong phiếu sai, hãy xin phiếu khác"
equal "mode of the key" "$(stat -c %a "$work/v/device.key")" 600
run 5 v household list
says "chưa được cấp giấy chứng nhận"
key=$(sha256sum < "$work/v/device.key")
run 3 j init "$work/v.llticket" --no-users
is .enrolled false
equal "the key after a second init" "$(sha256sum < "$work/v/device.key")" "$key"
start_server province
run 0 v enrol
has "đã được cấp giấy chứng nhận cho Thôn Một"
run 0 v status
has "Thôn Một"
has "0 hộ trên máy này"

# --- households ------------------------------------------------------------------------------
run 0 v household add head='Đinh Thị Mười' code=ĐN-014 address='Xóm Giữa'
has "Đã lưu trên máy này. "
run 0 j household add head='Trần Văn Đức' code=ĐN-015 phone='0100 000 015' head_birth=9/10/1950 head_sex=nữ
long_id=$(jq -r .id <<< "$out")
run 0 j household show ĐN-015
is .id "$long_id"
is .fields.head "Trần Văn Đức"
is .fields.phone 0100000015
is .fields.head_birth 1950-10-09
is .fields.head_sex F
is .counted true
is .presence there
run 0 v household show "$long_id"
has "Chủ hộ: Trần Văn Đức"
has "9/10/1950"
run 0 en household show ĐN-015
has "1950-10-09"
has "Members"
run 0 v household set ĐN-014 phone=0100000001 note='Ghi chú'
has "Đã lưu trên máy này."
run 0 v household set ĐN-014 phone=0100000001
has "Không có gì khác với bản đang có."
run 0 en household set ĐN-014 phone=0100000001
has "Nothing differed."
run 0 j household set ĐN-014 phone=0100000001
is .changed false
run 0 j household set ĐN-014 note=
is .changed true
run 0 j household show ĐN-014
is '.fields | has("note")' false
is .fields.phone 0100000001

# --- search, without diacritics and in any case -----------------------------------------------
for text in 'dinh thi muoi' 'Đinh Thị Mười' 'DINH THI' 'xom giua' 'đn-014' 'MƯỜI'; do
  run 0 j household list "$text"
  is .total 1
  is '.households[0].fields.code' ĐN-014
done
run 0 j household list 'tran duc'
is .total 1
run 0 j household list 'nobody'
is .total 0
run 0 v household list 'nobody'
has "Không có hộ nào như vậy"
run 0 v household list
has "2 hộ"
has "Thôn Một"
run 0 j household list --limit 1 --offset 1
is .total 2
is '.households | length' 1

# --- members, assessments, the class -----------------------------------------------------------
run 0 j member add ĐN-014 name='Đinh Thị Mười' relation='chủ hộ' birth=1956
run 0 j member add ĐN-014 name='Đinh Văn Bé' relation='con' birth=2010
member=$(jq -r .id <<< "$out")
run 0 j member set "$member" job='học sinh'
is .changed true
run 0 j household list 'van be' # a member is found too
is '.households[0].fields.code' ĐN-014
is '.households[0].members' 2
answers=(employment=có dependents=không nutrition=không health_insurance=có adult_education=không
  school_attendance=không housing_quality=có housing_area=không safe_water=không sanitation=không
  telecom=không info_means=không)
run 0 j assessment add ĐN-014 period=2024 area=R income=900.000 causes='no_labour; illness' "${answers[@]}"
assessment=$(jq -r .id <<< "$out")
run 0 j household show ĐN-014
is '.assessments[0].class' poor
is '.assessments[0].fields.income' 900000
is '.assessments[0].fields.causes | join(" ")' "illness no_labour"
run 0 v household show ĐN-014
has "▲ Hộ nghèo"
has "900.000"
run 0 en household show ĐN-014
has "▲ Poor"
has "900,000"
run 0 j assessment set "$assessment" income=5000000
run 0 j household list --class not_poor
is .total 1
run 0 j household list --class poor
is .total 0
run 0 j assessment set "$assessment" income=900000
run 0 j assessment set "$assessment" class_entered=not_poor
run 0 j findings
is '.findings[0].kind' class_differs
run 0 j member remove "$member" --reason 'Chuyển đi'
run 0 j household list 014
is '.households[0].members' 1

# --- out of the register and back --------------------------------------------------------------
run 2 v household remove ĐN-015 # a reason is needed
run 0 v household remove ĐN-015 --reason 'Chuyển đi nơi khác'
run 0 j household list
is .total 1
run 0 j household list --removed
is .total 2
run 0 j household show "$long_id"
is .presence removed
run 1 j household set "$long_id" phone=0100000002
fails register.removed
run 0 v household keep "$long_id"
run 0 j household list
is .total 2

# --- who changed what --------------------------------------------------------------------------
run 0 j --actor "Lê Thị Khác, Phó thôn" household set ĐN-014 phone=0100000077
run 0 j history ĐN-014 --field phone
is '[.events[].ops[] | select(.name == "phone") | .value] | join(" ")' "0100000001 0100000077"
is '.events[0].actor' "Bùi Văn Thử, Trưởng thôn"
is '.events[1].actor' "Lê Thị Khác, Phó thôn"
is '.events[1].clock | length > 0' true
run 0 v history ĐN-014 --field phone
has "Lê Thị Khác, Phó thôn"
has "0100000077"
run 0 j log --limit 2
is '.events | length' 2
is '.events[-1].ops[0].value' 0100000077
run 2 j history ĐN-014 --field bogus
fails input.unknown_field

# --- what is refused, and nothing changes ------------------------------------------------------
before=$(v log --limit 1000)
refused() { # refused ERROR EXIT ARGUMENT...
  local name=$1 exit_code=$2
  shift 2
  run "$exit_code" j "$@"
  fails "$name"
  equal "standard output" "$out" ""
}
refused register.not_found 1 household show ĐN-099
refused register.not_found 1 household set ĐN-099 phone=0100000001
refused register.not_found 1 member add ĐN-099 name=Ai
refused register.not_found 1 member set 3700004-abcdef.1 job=x
refused input.unknown_field 2 household set ĐN-014 foo=1
refused input.out_of_range 2 household set ĐN-014 head_birth=1700
refused input.not_a_date 2 household set ĐN-014 head_birth=31/2/1950
refused input.not_a_phone 2 household set ĐN-014 phone=abc
refused input.not_a_citizen_id 2 household set ĐN-014 citizen_id=123
refused input.not_a_choice 2 household set ĐN-014 head_sex=X
refused input.missing 2 household set ĐN-014 head=
refused input.missing 2 household add code=ĐN-016
refused input.too_long 2 household set ĐN-014 "address=$(printf 'a%.0s' {1..201})"
refused input.not_utf8 2 household set ĐN-014 $'address=T\xea'
refused input.missing 2 assessment add ĐN-014 income=5
refused input.not_a_period 2 assessment add ĐN-014 period=2024-13
refused input.out_of_range 2 assessment add ĐN-014 period=2025 income=99999999999
refused input.not_a_whole_number 2 assessment add ĐN-014 period=2025 income=abc
refused input.not_yes_no 2 assessment add ĐN-014 period=2025 employment=maybe
refused input.not_a_date 2 assessment add ĐN-014 period=2025 reviewed_on=2024-02-30
refused input.not_a_choice 2 household list --class bogus
refused input.out_of_range 2 household list --limit 1001
refused input.not_a_period 2 household list --period 20x
refused register.unknown_unit 1 household list --unit 99
refused register.not_disputed 1 settle ĐN-014 phone=0100000001
refused input.not_a_choice 2 config bogus 1
refused input.not_a_date 2 report --date 2024-02-31
equal "the log after all that was refused" "$(v log --limit 1000)" "$before"
run 2 v household set ĐN-014 head_birth=1700
says "'Ngày hoặc năm sinh của chủ hộ (head_birth)' = 1700 nằm ngoài khoảng 1850 đến 2100. Không có gì thay đổi."
run 2 en household set ĐN-014 head_birth=1700
says "'Head's birth date or year (head_birth)' = 1700 is outside 1850 to 2100. Nothing was changed."

# --- JSON everywhere: one line on standard output -----------------------------------------------
for command in status config findings conflicts log verify "household list" "household show ĐN-014" "history ĐN-014"; do
  read -ra words <<< "$command"
  run 0 j "${words[@]}"
  holds "JSON of $command" jq -e 'type == "object"' <<< "$out"
  equal "lines of $command" "$(wc -l <<< "$out")" 1
  equal "standard error of $command" "$err" ""
  run 0 v "${words[@]}"
  equal "first sign of $command" "$([ "${out:0:1}" = "{" ] && echo JSON)" ""
done

# --- words that the program does not know --------------------------------------------------------
for words in bogus "household bogus" "household list --bogus" "--lang fr status" household ""; do
  read -ra words <<< "$words"
  run 2 v "${words[@]}"
  says "--help"
  equal "standard output" "$out" ""
done

# --- settings are shown without a value; what is out of the register has its code still -----------
run 0 v config actor
run 0 j config
is .actor "Bùi Văn Thử, Trưởng thôn"
v household remove ĐN-015 --reason 'Chuyển đi nơi khác' > /dev/null
run 0 j household show ĐN-015
run 0 v household keep ĐN-015
finish_checks
