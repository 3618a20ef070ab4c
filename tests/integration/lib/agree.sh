# Do the nodes of a tree hold the same? Sourced after lib.sh; all nodes serve, laptops too.

# rest NODE...: syncs, children before parents, until nobody has anything for anybody
rest() {
  local pass node still
  for ((pass = 1; pass <= 8; pass++)); do
    still=0
    for node in "$@"; do
      api "$node" /api/sync -X POST > "$work/rest.json"
      jq -e .equal_at_start "$work/rest.json" > /dev/null || still=1
    done
    [ "$still" = 0 ] && return 0
  done
  miss "no rest after $pass passes: $(cat "$work/rest.json")"
}

# households NODE: a line for each that counts: code, head, phone, address, class, unit, id; sorted
households() {
  local offset=0 total=1
  while [ "$offset" -lt "$total" ]; do
    api "$1" "/api/households?limit=1000&offset=$offset" > "$work/page.json"
    total=$(jq -er .total "$work/page.json") || die "households of $1: $(head -c 300 "$work/page.json")"
    jq -r '.households[] | [.fields.code, .fields.head, .fields.phone // "", .fields.address // "",
      .class // "", .unit, .id] | @tsv' "$work/page.json"
    offset=$((offset + 1000))
  done | LC_ALL=C sort
}

# written NODE CODES LIST: from the log: code, field and value of each write to these households;
# LIST is what `households` gave
written() {
  read_api "$1"
  awk -F'\t' 'NR == FNR { asked[$1] = 1; next } $1 in asked { print $7 }' "$2" "$3" |
    sed "s,.*,url = \"http://127.0.0.1:$api_port/api/entities/&/history\"," > "$work/urls"
  [ -s "$work/urls" ] || return 0
  curl -sS --max-time 100 -H "Lalanh-Token: $api_token" -K "$work/urls" |
    jq -r '.id as $id | .events[].ops[] | select(.op == "set" and (.value | type) == "string")
      | [$id, .name, .value] | @tsv' |
    awk -F'\t' -v OFS='\t' 'NR == FNR { code[$7] = $1; next } { print code[$1], $2, $3 }' "$3" -
}

# scopes NODE: a line for each scope that holds events: unit, channel, events, sum of the chains' heads.
# From the database itself, so the node must not serve.
scopes() {
  sqlite3 -readonly -separator ' ' "$work/$1/lalanh.db" \
    "SELECT c.unit, c.channel, sum(s.held), hex(c.heads) FROM scope c JOIN stream s ON s.scope=c.no
     GROUP BY c.no ORDER BY c.unit, c.channel"
}

# counts NODE UNIT: report 1 of a unit by this node, its figures alone
counts() { api "$1" "/api/report?unit=$2&period=2024" | jq -c '.total | del(.unit, .name)'; }
