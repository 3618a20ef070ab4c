#!/usr/bin/env bash
# Lists from CSV: a thousand rows with three bad ones, all or nothing and the good ones alone; files
# that are no lists at all.
set -euo pipefail
source "$(dirname "$0")/lib/lib.sh"
make_units "$work/units.csv"
province province "$work/units.csv" "Nguyễn Thị Thử, Sở"
laptop v 1440401 province "Bùi Văn Thử, Trưởng thôn"
v() { lalanh v "$@"; }
j() { lalanh v --json "$@"; }
total() { j household list | jq .total; }
file=$work/households.csv

# Rows 101, 501 and 1001 (the header is 1) are bad: a year, money, a date.
make_households TH 1000 > "$work/good.csv"
sed -e '101s/,19[0-9][0-9],/,1700,/' -e '501s/,R,[0-9]*,/,R,một triệu,/' \
  -e '1001s/,19[0-9][0-9],/,31\/02\/1960,/' "$work/good.csv" > "$file"
equal "rows that differ" "$(diff "$work/good.csv" "$file" | grep -c '^>')" 3

three_bad() {
  is .rows 1000
  is '[.bad[] | "\(.file) \(.row) \(.column) \(.name)"] | join(", ")' \
    "households.csv 101 head_birth input.out_of_range, households.csv 501 income input.not_a_whole_number, households.csv 1001 head_birth input.not_a_date"
  is '[.bad[].reason | select((.vi | length > 0) and (.en | length > 0))] | length' 3
}
run 0 j import "$file" --dry-run
is .imported false
three_bad
run 2 j import "$file"
is .imported false
three_bad
equal "households after a refused import" "$(total)" 0
run 2 v import "$file"
has "households.csv, dòng 101, cột head_birth: 'Ngày hoặc năm sinh của chủ hộ (head_birth)' = 1700 nằm ngoài khoảng 1850 đến 2100."
has "households.csv, dòng 501, cột income: 'Thu nhập bình quân đầu người (income)' = một triệu phải là số nguyên"
has "households.csv, dòng 1001, cột head_birth: 'Ngày hoặc năm sinh của chủ hộ (head_birth)' = 1960-02-31 không phải ngày có thật"
has "1000 dòng; chưa nhập dòng nào."
run 2 v --lang en import "$file"
has "households.csv, row 501, column income: 'Income per person (income)' = một triệu must be a whole number"
has "1000 rows; nothing was imported."

run 0 j import "$file" --good
is .imported true
is .created 1994 # 997 households, each with its assessment
three_bad
equal "households after the good rows" "$(total)" 997
for code in TH-100 TH-500 TH-1000; do
  run 1 j household show "$code"
  fails register.not_found
done
run 0 j household show TH-499
is .fields.head "Đinh Thị Thử 499"
is '.assessments[0].fields.period' 2024

# Mended, the same file brings the three; once more, it changes nothing.
run 0 j import "$work/good.csv"
is .created 6
is .changed 0
is .unchanged 1994
equal "households after the whole list" "$(total)" 1000
run 0 v import "$work/good.csv"
has "1000 dòng; 0 mục mới, 0 mục sửa, 2000 mục không đổi. Không có gì để lưu."
run 0 j verify
is .ok true

# A correction by file.
printf 'code,head,phone\nTH-001,Đinh Thị Thử 1,0100 000 001\n' > "$file"
run 0 j import "$file"
is .changed 1
run 0 j household show TH-001
is .fields.phone 0100000001

# Members.
printf 'household_code,name,birth,relation\nTH-001,Đinh Thị Thử 1,1941,chủ hộ\nTH-001,Đinh Văn Con,1970,con\n' > "$work/members.csv"
run 0 j import "$file" --members "$work/members.csv"
is .created 2
printf 'household_code,name\nTH-001,Ai\nNO-1,Ai\n' > "$work/members.csv"
run 2 j import "$file" --members "$work/members.csv"
is '.bad[0] | "\(.file) \(.row) \(.column) \(.name)"' "members.csv 3 household_code register.not_found"
run 0 j household show TH-001
is '.members | length' 2

# --- files that are no such list ---------------------------------------------------------------
before=$(v log --limit 1)
list() { printf "${1//%/%%}" > "$file"; }
list 'code,head,bogus\nA-1,Tên,1\n'
run 2 j import "$file"
fails input.unknown_columns
run 2 v import "$file"
says "các cột lạ hoặc lặp lại: bogus. Chưa nhập dòng nào."
list 'head\nTên\n'
run 2 j import "$file"
fails input.missing_columns
run 2 v --lang en import "$file"
says "lacks the columns: code. No row was imported."
list 'code,head,income\nA-1,Tên,1\n'
run 2 v import "$file"
says "thiếu các cột: period"
list 'code,head,head\nA-1,Tên,Tên\n'
run 2 j import "$file"
fails input.unknown_columns
list 'code,head\nA-1,T\xean\n'
run 2 j import "$file"
fails input.not_utf8
run 2 v import "$file"
says "không phải UTF-8"
list 'code,head\nA-1,"Tên\n'
run 2 j import "$file"
fails input.broken_quotes
list 'code,head\nA-1,Tên,x\nA-2\n,Tên\nA-3,\nA-4,Tên\nA-4,Tên\n'
run 2 j import "$file"
is '[.bad[] | "\(.row) \(.name)"] | join(", ")' \
  "2 input.row_width, 3 input.row_width, 4 input.missing, 5 input.missing, 7 register.duplicate"
list ''
run 2 j import "$file"
fails input.missing_columns
head -c 9000000 /dev/zero | tr '\0' a > "$file"
run 1 j import "$file"
fails format.limit
run 1 j import "$work/no-such-file.csv"
fails system.file
equal "the log after all that was refused" "$(v log --limit 1)" "$before"
equal "households" "$(total)" 1000
finish_checks
