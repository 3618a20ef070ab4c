#!/usr/bin/env bash
# lalanh-bench still measures all that it names: every measure runs to its end on the tables and formats
# of today. How fast, and whether a goal is met, is of no account here (exit codes 0 and 1).
set -euo pipefail
source "$(dirname "$0")/lib/lib.sh"

met_or_missed() { "$LALANH_BIN/lalanh-bench" --json --count 10 --runs 1 --dir "$work" || [ $? = 1 ]; }
run 0 met_or_missed
for figure in local.save.aegis local.save.chacha20 local.save ingest.households ingest.updates rebuild.log \
  wire.household.1000 wire.update.1 wire.idle report.province report.recompute size.village rss.lalanh open.first; do
  found=$(jq -r "select(.figure == \"$figure\") | .value > 0" <<< "$out")
  equal "a value of $figure" "$found" true
done

finish_checks
