#!/usr/bin/env bash
# Processes are killed (SIGKILL) at random moments while villages write and everybody syncs. What a
# program had confirmed is nowhere lost, nothing is doubled, and at rest all nodes agree.
#   LALANH_KILL_ROUNDS  how many kills
#   LALANH_SEED         the random choices of an earlier run (what a kill meets differs all the same)
set -euo pipefail
source "$(dirname "$0")/lib/lib.sh"
source "$root/tests/integration/lib/agree.sh"
rounds=${LALANH_KILL_ROUNDS:-22}
seed=${LALANH_SEED:-$((RANDOM * 32768 + RANDOM))}
kinds=(laptop-a laptop-b laptop-c hall hall-upward district province
  sync-up-asking sync-up-alone write import)
list_rows=50
say "seed $seed, $rounds rounds"

laptops=(a b c)
servers=(hall district province)
declare -A village_of=([a]=1440401 [b]=1440401 [c]=1440402)
make_units "$work/units.csv"
province province "$work/units.csv" "Nguyễn Thị Thử, Sở"
server district 372 province
server hall 14404 district
for l in "${laptops[@]}"; do
  laptop "$l" "${village_of[$l]}" hall "Bùi Thị Thử, máy $l"
done
RANDOM=$seed

# --- what was confirmed ----------------------------------------------------------------------
declare -A shown=()  # "code field" -> the last confirmed value, of fields that one laptop writes
declare -a codes_a=() codes_c=()  # households of the first village and of the second
confirmed=$work/confirmed         # code, field, value of every write that ended with 0
: > "$confirmed"

add() { lalanh "$1" household add "code=$code" "head=$value" > /dev/null; }
set_field() { lalanh "$1" --json household set "$code" "$field=$value" > /dev/null; }
note() { printf '%s\t%s\t%s\n' "$code" "$field" "$value" >> "$confirmed"; }
note_shown() { note; shown["$code $field"]=$value; }
note_household() { # note_household LAPTOP: also $code
  if [ "$1" = c ]; then codes_c+=("$code"); else codes_a+=("$code"); fi
  note_shown
}
note_list() { # note_list LAPTOP PREFIX
  local i
  field="head"
  for ((i = 1; i <= list_rows; i++)); do
    printf -v code '%s-%03d' "$2" "$i"
    value="Đinh Thị Thử $i"
    note_household "$1"
  done
}
pick() { # pick LAPTOP: $code is one of its village
  if [ "$1" = c ]; then code=${codes_c[RANDOM % ${#codes_c[@]}]}; else code=${codes_a[RANDOM % ${#codes_a[@]}]}; fi
}
# correct LAPTOP NOTE: sets $field of $code to $value; what it has not received yet is left alone
correct() {
  if set_field "$1" 2> "$work/err"; then "$2"; return; fi
  grep -q register.not_found "$work/err" || die "laptop $1: $(cat "$work/err")"
}
work_day() { # work_day ROUND
  for l in "${laptops[@]}"; do
    code=$l-$1 field=head value="Lê Văn $l $1"
    add "$l" || die "laptop $l could not add $code"
    note_household "$l"
  done
  pick a; field=phone value=01000$((10000 + $1)); correct a note_shown
  pick b; field=address value="Xóm b $1"; correct b note_shown
  pick c; field=phone value=01000$((20000 + $1)); correct c note_shown
  # Two laptops write one field: whatever is shown, neither value is lost.
  pick a
  field=note
  for l in a b; do
    value="Ghi chú $l $1"
    correct "$l" note
  done
  if [ $(($1 % 2)) = 0 ]; then l=a; else l=c; fi
  make_households "N$1" "$list_rows" > "$work/list.csv"
  lalanh "$l" import "$work/list.csv" > /dev/null || die "laptop $l could not import N$1"
  note_list "$l" "N$1"
}

# --- syncs -----------------------------------------------------------------------------------
now() { local t=${EPOCHREALTIME/[.,]/}; printf -v "$1" '%s' "$t"; }
declare -A took=()  # microseconds of the newest run that nobody disturbed
timed() {           # timed WHAT COMMAND...
  local what=$1 begin end
  shift
  now begin
  "$@" > "$work/out" 2> "$work/err" || return 1
  now end
  took[$what]=$((end - begin))
}
laptops_sync() {
  for l in "${laptops[@]}"; do
    timed "laptop-$l" lalanh "$l" sync || die "laptop $l could not sync: $(cat "$work/err")"
  done
}
# A sync that was handed over may still run in the server after its asker was killed.
upward() { # upward SERVER [WHAT]
  for _ in $(seq 200); do
    timed "${2:-$1}" lalanhd "$1" --json sync-up && return
    grep -q sync.running "$work/err" || die "$1 could not sync: $(cat "$work/err")"
    sleep 0.05
  done
  die "a sync of $1 does not end"
}
alone() { # the hall's sync by the command itself, while no server runs
  stop_server hall
  upward hall alone
  start_server hall
}

# --- kills -----------------------------------------------------------------------------------
declare -A tried=() hit=()
cuts=0
exec {never}<> <(:)
sleep_part_of() { # sleep_part_of WHAT: any part of the time that it takes
  local us=$(((RANDOM * 32768 + RANDOM) % took[$1])) text
  printf -v text '%d.%06d' $((us / 1000000)) $((us % 1000000))
  read -rt "$text" -u "$never" || true
}
count_hit() { hit[$1]=$((${hit[$1]:-0} + 1)); }
# kill_command KIND WHAT: starts $program and kills it; a hit where it had not ended
kill_command() {
  "${program[@]}" > "$work/killed.out" 2>&1 &
  local process=$!
  sleep_part_of "$2"
  kill -KILL "$process" 2> /dev/null || true
  status=0
  wait "$process" 2> /dev/null || status=$?
  case $status in
    137) count_hit "$1" ;;
    0) ;;
    *) die "$1 failed before it was killed: $(cat "$work/killed.out")" ;;
  esac
}
# kill_server KIND SERVER WHAT: while the sync $program runs; a hit where that did not come to its end
kill_server() {
  "${program[@]}" > "$work/killed.out" 2>&1 &
  local process=$!
  sleep_part_of "$3"
  stop_server "$2" KILL
  status=0
  wait "$process" 2> /dev/null || status=$?
  if [ "$status" != 0 ]; then
    count_hit "$1"
    if grep -q sync.cut "$work/killed.out"; then cuts=$((cuts + 1)); fi
  fi
  start_server "$2"
}
# there TEXT LAPTOP: how many households it finds
there() { lalanh "$2" --json household list "$1" | jq .total; }
kill_write() { # by turns a new household and a correction
  program=("$LALANH_BIN/lalanh" --folder "$work/a" household)
  if [ $(($1 % 2)) = 0 ]; then
    code=killed-$1 field=head value="Lê Văn Dở $1"
    program+=(add "code=$code" "head=$value")
    kill_command write write
    # As a person would: look whether it is there, and enter it again if not.
    case $(there "$code" a) in
      1) ;;
      0) [ "$status" != 0 ] || die "$code was confirmed and is not there"; add a ;;
      *) die "$code is there twice" ;;
    esac
    note_household a
  else
    code=a-0 field=phone value=0100090$((100 + $1))
    program+=(set "$code" "$field=$value")
    kill_command write write
    set_field a
    note_shown
  fi
}
kill_import() { # all of it or nothing; the same file again gives what is missing
  make_households "K$1" "$list_rows" > "$work/list.csv"
  program=("$LALANH_BIN/lalanh" --folder "$work/c" import "$work/list.csv")
  kill_command import import
  case $(there "K$1-" c) in
    "$list_rows") ;;
    0) [ "$status" != 0 ] || die "K$1 was confirmed and is not there" ;;
    *) die "K$1 was imported in part" ;;
  esac
  lalanh c import "$work/list.csv" > /dev/null
  note_list c "K$1"
}
strike() { # strike KIND ROUND
  local kind=$1 round=$2 other
  tried[$kind]=$((${tried[$kind]:-0} + 1))
  program=("$LALANH_BIN/lalanhd" --json --folder "$work/hall" sync-up)
  case $kind in
    laptop-*) program=("$LALANH_BIN/lalanh" --json --folder "$work/${kind#laptop-}" sync) ;;
    hall) program=("$LALANH_BIN/lalanh" --json --folder "$work/a" sync) ;;
    province) laptops_sync; upward hall; program[3]=$work/district ;;
    write | import) ;;
    *) laptops_sync ;;
  esac
  case $kind in
    laptop-*) kill_command "$kind" "$kind" ;;
    hall) kill_server hall hall laptop-a ;;
    hall-upward) kill_server "$kind" hall hall ;;
    district) kill_server district district hall ;;
    province) kill_server province province district ;;
    sync-up-asking) kill_command "$kind" hall ;;
    sync-up-alone)
      stop_server hall
      kill_command "$kind" alone
      start_server hall
      ;;
    *)
      lalanh b sync > /dev/null 2>&1 &
      other=$!
      "kill_$kind" "$round"
      wait "$other" || die "a sync failed that nobody disturbed"
      ;;
  esac
}

# --- the rounds ------------------------------------------------------------------------------
# Before them each is run once undisturbed, to know how long it takes.
code=a-first field=head value="Lê Văn Đầu"
timed write add a
note_household a
make_households M "$list_rows" > "$work/list.csv"
timed import lalanh c import "$work/list.csv"
note_list c M
laptops_sync
alone
upward district
work_day 0
laptops_sync
upward hall
upward district
say "undisturbed, ms: $(for k in "${!took[@]}"; do printf '%s %d  ' "$k" $((took[$k] / 1000)); done)"

order=()
for ((round = 1; round <= rounds; round++)); do
  if [ ${#order[@]} = 0 ]; then # each kind once, in any order
    for kind in "${kinds[@]}"; do
      at=$((RANDOM % (${#order[@]} + 1)))
      order=("${order[@]:0:at}" "$kind" "${order[@]:at}")
    done
  fi
  work_day "$round"
  strike "${order[0]}" "$round"
  order=("${order[@]:1}")
  laptops_sync
  upward hall
  upward district
done
hits=0
for kind in "${kinds[@]}"; do
  say "killed $kind: ${tried[$kind]:-0} times, ${hit[$kind]:-0} hits"
  hits=$((hits + ${hit[$kind]:-0}))
done
say "kills $rounds, hits $hits, of them $cuts cut a sync between two machines; $SECONDS s"
holds "at least a third of the kills hit" [ "$((hits * 3))" -ge "$rounds" ]

# --- at rest ---------------------------------------------------------------------------------
for l in "${laptops[@]}"; do serve_laptop "$l"; done
rest "${laptops[@]}" hall district
nodes=("${laptops[@]}" "${servers[@]}")
sort -u "$confirmed" > "$work/confirmed.sorted"
cut -f1 "$work/confirmed.sorted" | sort -u > "$work/codes"
# Households with nothing but their first value are compared by the list.
awk -F'\t' '$2 != "head" { print $1 }' "$work/confirmed.sorted" | sort -u > "$work/corrected"
for code in "${codes_a[@]}"; do echo "$code"; done | LC_ALL=C sort > "$work/codes.1440401"
for code in "${codes_c[@]}"; do echo "$code"; done | LC_ALL=C sort > "$work/codes.1440402"
LC_ALL=C sort "$work/codes.1440401" "$work/codes.1440402" > "$work/codes.all"
for key in "${!shown[@]}"; do printf '%s\t%s\n' "${key/ /$'\t'}" "${shown[$key]}"; done | LC_ALL=C sort > "$work/shown"

for node in "${nodes[@]}"; do
  ran="what $node holds" out="" err=""
  own=all
  [ -z "${village_of[$node]:-}" ] || own=${village_of[$node]}
  # Each code once: nothing is lost, nothing is doubled.
  households "$node" > "$work/list.$node"
  holds "$node has each household once" diff <(cut -f1 "$work/list.$node") "$work/codes.$own"
  # What is shown is the last value that was confirmed.
  awk -F'\t' -v OFS='\t' '{ print $1, "head", $2; if ($3 != "") print $1, "phone", $3;
    if ($4 != "") print $1, "address", $4 }' "$work/list.$node" | LC_ALL=C sort > "$work/values"
  lost=$(awk -F'\t' 'NR == FNR { here[$1] = 1; next } $1 in here' "$work/codes.$own" "$work/shown" |
    LC_ALL=C comm -23 - "$work/values")
  equal "confirmed values that $node does not show" "$lost" ""
  # Every confirmed value is in the log, also those that another has replaced since.
  grep -xFf "$work/codes.$own" "$work/corrected" > "$work/asked" || true
  written "$node" "$work/asked" "$work/list.$node" | sort -u > "$work/log"
  lost=$(awk -F'\t' 'NR == FNR { here[$1] = 1; next } $1 in here' "$work/asked" "$work/confirmed.sorted" |
    comm -23 - "$work/log")
  equal "confirmed writes that the log of $node has not" "$lost" ""

  out=$(api "$node" /api/status)
  is .waiting 0
  is .aside 0
  is .households "$(wc -l < "$work/codes.$own")"
  # A province has no parent to receive its own events.
  [ "$node" = province ] || is .unsent 0
  out=$(api "$node" /api/verify -X POST)
  is .ok true
  is .differences '[]'
  jq -r '.by_scope[] | select(.events > 0) | [.unit, .channel, .events, .digest] | @tsv' <<< "$out" |
    LC_ALL=C sort > "$work/digests.$node"
done
ran="comparing nodes" out="" err=""
holds "b lists what a lists" diff "$work/list.a" "$work/list.b"
for node in district province; do holds "$node lists what the hall lists" diff "$work/list.hall" "$work/list.$node"; done
holds "the hall lists what its villages list" diff "$work/list.hall" <(LC_ALL=C sort "$work/list.a" "$work/list.c")

# Report 1, the same everywhere.
for where in "1440401 a b" "1440402 c" "14404" "372"; do
  read -ra part <<< "$where"
  want=$(counts province "${part[0]}")
  for node in "${part[@]:1}" hall district; do
    [ "${part[0]} $node" = "372 hall" ] || equal "report 1 of ${part[0]} by $node" "$(counts "$node" "${part[0]}")" "$want"
  done
done
equal "households of the province" "$(counts province 37 | jq .households)" "$(wc -l < "$work/codes.all")"

# The state that verify computes anew from each log, scope by scope: the same wherever the scope is.
for node in "${nodes[@]}"; do
  extra=$(LC_ALL=C comm -23 "$work/digests.$node" "$work/digests.province")
  equal "states at $node that differ from the province's" "$extra" ""
done
for node in a b c; do equal "states at $node" "$(wc -l < "$work/digests.$node")" 2; done
for node in hall district province; do equal "states at $node" "$(wc -l < "$work/digests.$node")" 3; done

# Chains and numbers of events, scope by scope.
stop_servers
scopes province > "$work/scopes"
for node in "${nodes[@]}"; do
  scopes "$node" > "$work/scopes.$node"
  extra=$(LC_ALL=C comm -23 <(LC_ALL=C sort "$work/scopes.$node") <(LC_ALL=C sort "$work/scopes"))
  equal "scopes of $node that differ from the province's" "$extra" ""
done
equal "scopes of a" "$(wc -l < "$work/scopes.a")" 2
equal "scopes of c" "$(wc -l < "$work/scopes.c")" 2
equal "scopes of the province" "$(wc -l < "$work/scopes")" 3
say "at rest: $(wc -l < "$work/codes.all") households, $(wc -l < "$confirmed") confirmed writes," \
  "$(awk '{ n += $3 } END { print n }' "$work/scopes") events on each of ${#servers[@]} servers"
finish_checks
