#!/usr/bin/env bash
# Fuzzes the parsers of request data with libFuzzer and the address sanitizer: fuzz.sh [SECONDS] (60).
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=.build/fuzz
mkdir -p "$folder/corpus"
http=Sources/HTTPServing
swiftc -O -sanitize=fuzzer,address -parse-as-library -swift-version 6 -module-name ServerParsers \
  "$http"/{Bodies,Messages,Parsing}/*.swift \
  Tests/Fuzzing/ServerParsers.swift -o "$folder/server-parsers"
printf '\0--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nx\r\n--b--\r\n' >"$folder/corpus/form"
printf '\1data:image/png;base64,iVBORw0KGgo=' >"$folder/corpus/base64"
printf '\2a=1&b=%%41+&c' >"$folder/corpus/query"
printf '\3{"file":"iVBORw0KGgo="}' >"$folder/corpus/json"
printf '\4form-data; name="a\\"b"; boundary=x' >"$folder/corpus/header"
printf '\6POST /x?a=b HTTP/1.1\r\nHost: [::1]:80\r\nContent-Length: 3\r\n\r\nabc' >"$folder/corpus/head"
printf '\0072;a=b\r\nxy\r\n0\r\nX: y\r\n\r\n' >"$folder/corpus/chunks"
printf '\010127.0.0.1:8080' >"$folder/corpus/authority"
SWIFT_BACKTRACE=enable=no "$folder/server-parsers" -max_total_time="${1:-60}" -max_len=4096 -artifact_prefix="$folder/" -print_final_stats=1 "$folder/corpus"
