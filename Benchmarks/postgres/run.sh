#!/usr/bin/env bash
# A gallery in PostgreSQL beside the copy that follows it, in one run on this machine: Benchmarks/postgres/run.sh [N] [FOLDER]
#
# N made-up embeddings (300,000), ten a person: import into PostgreSQL; the first copy, to the moment at which its server answers; search through the
# copy's index and by SQL, exact and by pgvector's HNSW at three widths, each with its recall; how long a change takes until another server's copy has it.
# The server is that of the tests (Scripts/postgres-server.sh), with fsync.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
count=${1:-300000}
folder=${2:-.build/postgres-benchmark}
mkdir -p "$folder"
folder=$(realpath "$folder")
. Benchmarks/made-up.sh
made_up "$count" "$folder" .35 $'person\nPerson {}'
programs=$(Scripts/postgres-server.sh)
port=${PORT:-54329}
data=$folder/server
as=()
rm -rf "$data" "$folder/copy" "$folder/second"
if ((EUID == 0)); then
  mkdir -p "$data"
  chown nobody:nogroup "$data"
  as=(setpriv --reuid=nobody --regid=nogroup --clear-groups)
  # Who may not read the programs where they are runs copies of them.
  if ! "${as[@]}" test -x "$programs/postgres"; then
    echo "error: nobody may not run $programs; unpack it elsewhere, or run this as another user" >&2
    exit 1
  fi
else
  mkdir -p "$data"
fi
(cd / && "${as[@]}" "$programs/initdb" -D "$data/db" -U postgres --auth=trust --encoding=UTF8 --locale=C >/dev/null)
(cd / && exec "${as[@]}" "$programs/postgres" -D "$data/db" -c listen_addresses=127.0.0.1 -c port="$port" \
  -c unix_socket_directories="$data" -c shared_buffers=2GB -c maintenance_work_mem=2GB -c max_wal_size=8GB) >"$folder/server.log" 2>&1 &
pids=($!)
trap 'kill "${pids[@]}" 2>/dev/null || true; wait || true' EXIT
until "$programs/pg_isready" -q -h 127.0.0.1 -p "$port"; do sleep 0.1; done
url="postgresql://postgres@127.0.0.1:$port/postgres?sslmode=disable"
sql() { "$programs/psql" -X -At -v ON_ERROR_STOP=1 "postgresql://postgres@127.0.0.1:$port/postgres" "$@"; }
now() { date +%s.%N; }
since() { awk -v a="$1" -v b="$(now)" 'BEGIN { printf "%.2f", b - a }'; }

"$galleryctl" create "$url" >/dev/null
begin=$(now)
"$galleryctl" -q -g "$url" import --assume-engine --no-index "$folder/made.npy" >/dev/null
seconds=$(since "$begin")
echo "import into PostgreSQL: $seconds s, $(awk -v n="$count" -v s="$seconds" 'BEGIN { printf "%.0f", n / s }') faces/s"

serve() { # serve NAME PORT: waits until it answers
  "$galleryctl" -g "$url" serve --replica "$folder/$1" --no-keys --log events --port "$2" >"$folder/$1.out" 2>"$folder/$1.log" &
  pids+=($!)
  until grep -q serving "$folder/$1.out"; do
    kill -0 "${pids[-1]}" || { cat "$folder/$1.log" >&2; exit 1; }
    sleep 0.05
  done
}
begin=$(now)
serve copy 18080
echo "first copy: $(since "$begin") s without the graph"
serve second 18081
echo "size: server $(sql -c "SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'facegallery' AND relkind = 'r'"), copy $(stat -c %s "$folder/copy/data.mdb") bytes"

echo "search through the copy (galleryctl bench):"
"$galleryctl" -g "$folder/copy" -q bench --queries 200

echo "search by SQL:"
begin=$(now)
sql -q -c "SET maintenance_work_mem = '2GB'; CREATE INDEX hnsw ON facegallery.vectors_1 USING hnsw (embedding vector_ip_ops)"
echo "HNSW built in $(since "$begin") s, $(sql -c "SELECT pg_relation_size('facegallery.hnsw')") bytes"
sql -q <<'SQL'
SET search_path TO facegallery, public;
CREATE TEMP TABLE probes AS SELECT face, embedding FROM vectors_1 ORDER BY md5(face::text) LIMIT 200;
CREATE TEMP TABLE truth (probe bigint, face bigint);
CREATE TEMP TABLE found (probe bigint, face bigint);
SET jit TO off;
DO $$
DECLARE began timestamptz; took double precision; probe record; width int; hits bigint;
BEGIN
  began := clock_timestamp();
  FOR probe IN SELECT * FROM probes LOOP
    INSERT INTO truth SELECT probe.face, face FROM vectors_1 ORDER BY (embedding <#> probe.embedding) + 0 LIMIT 10;
  END LOOP;
  RAISE NOTICE 'exact: % ms a query', round(extract(epoch FROM clock_timestamp() - began)::numeric * 1000 / 200, 3);
  SET LOCAL enable_seqscan = off;
  FOREACH width IN ARRAY ARRAY[40, 100, 200] LOOP
    TRUNCATE found;
    PERFORM set_config('hnsw.ef_search', width::text, true);
    took := 0;
    FOR probe IN SELECT * FROM probes LOOP
      began := clock_timestamp();
      EXECUTE 'INSERT INTO found SELECT $1, face FROM vectors_1 ORDER BY embedding <#> $2 LIMIT 10' USING probe.face, probe.embedding;
      took := took + extract(epoch FROM clock_timestamp() - began);
    END LOOP;
    SELECT count(*) INTO hits FROM found JOIN truth USING (probe, face);
    RAISE NOTICE 'HNSW, ef %: recall@10 %, % ms a query', width, round(hits / 2000.0, 4), round((took * 1000 / 200)::numeric, 3);
  END LOOP;
END $$;
SQL
sql -q -c "DROP INDEX facegallery.hnsw"

echo "a change until another server's copy has it:"
python3 - "$url" "$galleryctl" <<'PY'
import json, subprocess, sys, time, urllib.request
url, galleryctl = sys.argv[1:]
def get(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz") as reply:
        return json.load(reply)["sequence"]
def rename(port, old, new):
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v1/recognition/subjects/{old}", json.dumps({"subject": new}).encode(),
        {"Content-Type": "application/json"}, method="PUT")
    urllib.request.urlopen(request).read()
own, other, name = [], [], "Person%201"
for number in range(100):
    before, begun = get(18081), time.perf_counter()
    rename(18080, name, f"Renamed {number}")
    own.append(time.perf_counter() - begun)
    while get(18081) == before:
        time.sleep(0.001)
    other.append(time.perf_counter() - begun)
    name = f"Renamed%20{number}"
for word, times in (("answered by the server it was made at", own), ("there at another server", other)):
    times.sort()
    print(f"{word}: p50 {times[50] * 1000:.1f} ms, p95 {times[95] * 1000:.1f} ms, most {times[-1] * 1000:.1f} ms")
PY
