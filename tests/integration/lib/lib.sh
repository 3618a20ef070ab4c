# What the scripts of tests/integration share: nodes, small data, and checks that go on after a miss,
# so that one run names all of them. A script sources this file and ends with `finish_checks`.
# It needs LALANH_BIN. LALANH_KEEP=1 leaves the folder.
: "${LALANH_BIN:?the folder with lalanh and lalanhd}"
export LC_ALL=C.UTF-8  # bash writes $'\u009b' out as it stands where the locale has no UTF-8
for tool in jq sqlite3 curl python3 setpriv; do
  command -v "$tool" > /dev/null || { echo "$tool is missing: run tools/packages" >&2; exit 1; }
done
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
work=$(mktemp -d)
script=$(basename "$0")
checks=0
misses=0

die() { printf '%s: %s\n' "$script" "$*" >&2; exit 1; }
say() { printf '%s\n' "$*"; }

# Nothing waits for ever, and no server outlives its script, however that ends.
limit=(timeout -k 5 100)
guard=(setpriv --pdeathsig KILL --)
source "$root/tools/lib/nodes.sh"

clean_up() {
  local code=$?
  stop_servers
  if [ "${LALANH_KEEP:-}" = 1 ]; then say "left in $work"; else rm -rf "$work"; fi
  exit "$code"
}
trap clean_up EXIT

# --- checks ----------------------------------------------------------------------------------
# miss WORDS: notes a check that failed, with the line of the script and what ran last
miss() {
  local depth=0
  while [ "${BASH_SOURCE[depth]##*/}" = lib.sh ]; do depth=$((depth + 1)); done
  misses=$((misses + 1))
  printf 'MISS %s:%s: %s\n' "${BASH_SOURCE[depth]##*/}" "${BASH_LINENO[depth - 1]}" "$*"
  printf '     ran: %s\n     out: %.600s\n     err: %.600s\n' "$ran" "$out" "$err"
}
ran=""
out=""
err=""
code=0
# run CODE COMMAND...: keeps $out and $err, and checks how it ends
run() {
  local want=$1
  shift
  ran=$*
  code=0
  "$@" > "$work/run.out" 2> "$work/run.err" || code=$?
  out=$(tr -d '\0' < "$work/run.out")
  err=$(tr -d '\0' < "$work/run.err")
  equal "exit code" "$code" "$want"
}
# equal WHAT FOUND EXPECTED
equal() {
  checks=$((checks + 1))
  [ "$2" = "$3" ] || miss "$1 is '$2', expected '$3'"
}
# holds WHAT COMMAND...: the command succeeds
holds() {
  local what=$1
  shift
  checks=$((checks + 1))
  "$@" > /dev/null 2>&1 || miss "$what"
}
has() { checks=$((checks + 1)); [[ $out == *"$1"* ]] || miss "no '$1' in the output"; }
lacks() { checks=$((checks + 1)); [[ $out != *"$1"* ]] || miss "'$1' in the output"; }
says() { checks=$((checks + 1)); [[ $err == *"$1"* ]] || miss "no '$1' in the error"; }
says_not() { checks=$((checks + 1)); [[ $err != *"$1"* ]] || miss "'$1' in the error"; }
# absent TEXT FILE
absent() { checks=$((checks + 1)); if grep -qF -- "$1" "$2"; then miss "'$1' in ${2##*/}"; fi; }
# is FILTER EXPECTED: of the output, one JSON value
is() { equal "$1" "$(jq -r "$1" <<< "$out" 2>&1)" "$2"; }
# fails NAME [WHERE]: the error is JSON (on standard error, or as given) with this name and both languages
fails() {
  local text=${2-$err}
  equal "error" "$(jq -r '.error.name' <<< "$text" 2>&1)" "$1"
  holds "a message in two languages" jq -e '.error.message | (.vi | length > 0) and (.en | length > 0)' <<< "$text"
}
finish_checks() {
  say "$script: $checks checks, $misses missed, $SECONDS s"
  [ "$misses" = 0 ] && [ "$checks" -gt 0 ]
}

# --- small data, all of it invented ----------------------------------------------------------
# make_units FILE: a province, a district, a commune and three villages
make_units() {
  cat > "$1" << 'CSV'
code,name,level,parent_code,kind,valid_from,valid_to
37,Tỉnh Thử,province,,province,2021-01-01,
372,Huyện Thử,district,37,district,2021-01-01,
14404,Xã Thử,commune,372,commune,2021-01-01,
1440401,Thôn Một,village,14404,village,2021-01-01,
1440402,Thôn Hai,village,14404,village,2021-01-01,
1440403,Thôn Ba,village,14404,village,2021-01-01,
CSV
}
indicators=employment,dependents,nutrition,health_insurance,adult_education,school_attendance
indicators=$indicators,housing_quality,housing_area,safe_water,sanitation,telecom,info_means
# make_households PREFIX COUNT: households.csv on standard output; who is poor follows from the number
make_households() {
  local i bits
  printf 'code,head,head_birth,address,period,area,income,%s\n' "$indicators"
  for ((i = 1; i <= $2; i++)); do
    bits=1,$((i % 2)),$((i % 3 > 0)),0,$((i % 5 > 0)),0,0,$((i % 7 > 0)),0,0,0,0
    printf '%s-%03d,Đinh Thị Thử %d,%d,Xóm %d,2024,R,%d,%s\n' \
      "$1" "$i" "$i" $((1940 + i % 60)) $((i % 9)) $((600000 + i % 25 * 100000)) "$bits"
  done
}

# --- a node's API ----------------------------------------------------------------------------
# serve_laptop NAME: lalanh serve; the API's port and token are in its serve.json
serve_laptop() {
  "${guard[@]}" "$LALANH_BIN/lalanh" --folder "$work/$1" serve > "$work/$1.out" 2>&1 &
  pid[$1]=$!
  for _ in $(seq 600); do
    [ -s "$work/$1/serve.json" ] && [ "$(jq .pid "$work/$1/serve.json")" = "${pid[$1]}" ] && return 0
    kill -0 "${pid[$1]}" 2> /dev/null || break
    sleep 0.05
  done
  cat "$work/$1.out" >&2
  die "$1 does not serve"
}
# read_api NAME: where a node that serves has its API, and the token of its start
read_api() {
  local text
  read -r text < "$work/$1/serve.json"
  [[ $text =~ \"port\":([0-9]+),\"token\":\"([0-9a-f]+)\" ]] || die "$1 does not serve"
  api_port=${BASH_REMATCH[1]}
  api_token=${BASH_REMATCH[2]}
}
# api NAME TARGET [CURL OPTION...]
api() {
  local target=$2
  read_api "$1"
  shift 2
  curl -sS --max-time 60 -H "Lalanh-Token: $api_token" "$@" "http://127.0.0.1:$api_port$target"
}
