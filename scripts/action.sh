#!/usr/bin/env bash
# The steps of action.yml: `build` makes the program, `verify` runs it. Inputs come as variables and
# not as text of a script, so that nothing in them can be read as a command.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
built="$here/target/release/yamen"

case "${1:-}" in
build)
  make -C "$here" z3
  cargo build --release --locked --manifest-path "$here/Cargo.toml"
  ;;
verify)
  command=("${YAMEN_PROGRAM:-$built}" verify --format github --no-progress)
  [ "${YAMEN_LOCKED:-false}" = true ] && command+=(--locked)
  [ -n "${YAMEN_SARIF:-}" ] && command+=(--also "sarif=$YAMEN_SARIF")
  [ -n "${YAMEN_JUNIT:-}" ] && command+=(--also "junit=$YAMEN_JUNIT")
  while IFS= read -r argument; do
    [ -n "$argument" ] && command+=("$argument")
  done <<<"${YAMEN_ARGUMENTS:-}"
  command+=(--)
  paths=0
  while IFS= read -r path; do
    if [ -n "$path" ]; then command+=("$path"); paths=1; fi
  done <<<"${YAMEN_PATHS:-}"
  if [ "$paths" = 0 ]; then unset 'command[-1]'; fi
  "${command[@]}"
  ;;
*)
  echo "usage: action.sh build|verify" >&2
  exit 2
  ;;
esac
