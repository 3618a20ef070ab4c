# Nodes of a tree on loopback: real programs, each with a folder under $work. Sourced by tools/demo
# and by tests/integration/lib/lib.sh, which set before:
#   LALANH_BIN  the folder with the programs
#   work        a folder of their own
#   die         a function that prints its words and ends the script
# and may set
#   limit       words before each program that ends by itself, such as (timeout 60)
#   guard       words before each server; they must become the server (exec), since its process is noted

declare -A pid=() port=()
[[ -v limit ]] || limit=()
[[ -v guard ]] || guard=()

lalanh() { local node=$1; shift; "${limit[@]}" "$LALANH_BIN/lalanh" --folder "$work/$node" "$@"; }
lalanhd() { local node=$1; shift; "${limit[@]}" "$LALANH_BIN/lalanhd" --folder "$work/$node" "$@"; }

# free_port VARIABLE. Below the ports that the system itself gives to clients.
next_port=$((10000 + RANDOM % 20000))
listens() { (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null; }
free_port() {
  while listens "$next_port"; do next_port=$((next_port + 1)); done
  printf -v "$1" '%s' "$next_port"
  next_port=$((next_port + 1))
}

# start_server NAME: on its port, without the nightly sync
start_server() {
  local name=$1
  # Not through the function: the process that is noted must be the server itself.
  "${guard[@]}" "$LALANH_BIN/lalanhd" --folder "$work/$name" serve \
    --listen "127.0.0.1:${port[$name]}" --no-sync-up --log "$work/$name.log" \
    > "$work/$name.out" 2>&1 &
  pid[$name]=$!
  for _ in $(seq 600); do
    # It listens a moment before commands can find it.
    grep -qs "\"pid\":${pid[$name]}}" "$work/$name/serve.json" && return 0
    kill -0 "${pid[$name]}" 2> /dev/null || { cat "$work/$name.out" >&2; die "$name did not start"; }
    sleep 0.05
  done
  die "$name does not answer"
}
# stop_server NAME [SIGNAL]
stop_server() {
  local name=$1
  [ -n "${pid[$name]:-}" ] || return 0
  kill "-${2:-TERM}" "${pid[$name]}" 2> /dev/null || true
  wait "${pid[$name]}" 2> /dev/null || true
  unset "pid[$name]"
}
stop_servers() {
  local name
  for name in "${!pid[@]}"; do stop_server "$name"; done
}

# province NAME UNITS.CSV ACTOR: makes and starts the top of the tree
province() {
  local name=$1 units=$2 actor=$3 p
  free_port p
  port[$name]=$p
  lalanhd "$name" init --units "$units" --actor "$actor" > /dev/null
  start_server "$name"
}
# ticket NAME UNIT PARENT ROLE: a ticket of PARENT, which serves, in $work/NAME.llticket
ticket() {
  rm -f "$work/$1.llticket"
  lalanhd "$3" ticket --unit "$2" --role "$4" --name "$1" --address "127.0.0.1:${port[$3]}" \
    --out "$work/$1.llticket" > /dev/null
}
# server NAME UNIT PARENT: makes a server with a ticket of its parent, which serves, and starts it
server() {
  local name=$1 unit=$2 parent=$3 p
  free_port p
  port[$name]=$p
  ticket "$name" "$unit" "$parent" server
  lalanhd "$name" init "$work/$name.llticket" --actor "Cán bộ phụ trách, $name" > /dev/null
  lalanhd "$name" sync-up > /dev/null
  start_server "$name"
}
# laptop NAME UNIT HALL ACTOR [PASSWORD_FILE [ROLE]]: of a village, or an officer's at another unit (whose
# codes are shorter). With a password a user of it is signed in and the database is encrypted; without
# one it is open, so that sqlite3 can read it
laptop() {
  local name=$1 unit=$2 hall=$3 actor=$4 password=${5:-} who=${6:-} role=village
  local -a how=(--no-users)
  [ -z "$password" ] || how=(--password-file "$password" ${who:+--role "$who"})
  [ "${#unit}" -ge 7 ] || role=officer
  ticket "$name" "$unit" "$hall" "$role"
  lalanh "$name" --actor "$actor" init "$work/$name.llticket" "${how[@]}" > /dev/null
  [ -z "$password" ] || lalanh "$name" --password-file "$password" sign-in > /dev/null
}
