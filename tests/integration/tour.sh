#!/usr/bin/env bash
# The demo, and after it the tour of the README, command by command as it stands there.
set -euo pipefail
source "$(dirname "$0")/lib/lib.sh"
cd "$root"

TMPDIR=$work LALANH_BIN=$LALANH_BIN "${guard[@]}" tools/demo --keep > "$work/demo.txt" 2>&1 ||
  { cat "$work/demo.txt"; die "the demo failed"; }
left=$(sed -n 's/^ *left running in \(.*\); try:$/\1/p' "$work/demo.txt")
stop=$(sed -n 's/^ *stop with: kill //p' "$work/demo.txt")
for server in $stop; do pid[demo-$server]=$server; done
holds "the demo left its folder" test -d "$left/province"

# The commands are the indented lines of the tour after `tools/demo --keep`.
sed -n '/^## A tour/,/^## What/p' README.md | grep '^    ' | sed 's/^    //' |
  grep -v '^tools/demo' > "$work/tour.txt"
holds "the tour has commands" test "$(wc -l < "$work/tour.txt")" -ge 20
sed -e "s,^W=.*,W=$left," -e "s,^export PATH=.*,export PATH=$LALANH_BIN:\$PATH," \
  -e 's,settle ID,settle $(x --json conflicts | jq -r ".conflicts[].id"),' "$work/tour.txt" > "$work/tour.sh"
{
  echo 'set -euo pipefail'
  # The command itself before what it prints, so that a miss can be read.
  while IFS= read -r line; do
    printf 'echo %q\n%s\n' "\$ ${line%%  #*}" "$line"
  done < "$work/tour.sh"
} > "$work/run.sh"
run 0 bash "$work/run.sh"
has "Đinh Thị Mười"
has "Điện thoại: 0100000016"
has "≠ Đinh Thị Mười (ĐN-014)"
has "ghi nhận số đã chọn"
has "Huyện Nho Quan"
has "Tỉnh Ninh Bình"
has "khớp hết."
has "Đã khôi phục."
lacks "CÓ CHỖ KHÁC"
equal "what the tour says on standard error" "$err" ""
finish_checks
