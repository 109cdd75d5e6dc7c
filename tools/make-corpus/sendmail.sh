#!/bin/sh
# Stands where a mail program looks for sendmail: keeps standard input as $OUT/$NAME.eml, and the reverse-path of `-f`.
: "${OUT:?}" "${NAME:?}"
while [ $# -gt 0 ]; do
  case "$1" in
    -f) printf %s "$2" > "$OUT/$NAME.path"; shift ;;
    -f?*) printf %s "${1#-f}" > "$OUT/$NAME.path" ;;
  esac
  shift
done
cat > "$OUT/$NAME.eml"
