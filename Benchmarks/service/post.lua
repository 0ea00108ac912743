-- wrk sends the requests of the folder BODIES in turn; failures of any kind are counted.
local folder, count, kind = os.getenv("BODIES"), tonumber(os.getenv("BODY_COUNT")), os.getenv("BODY_TYPE")
local requests, place = {}, 0

function init()
  for i = 0, count - 1 do
    local file = assert(io.open(folder .. "/" .. i, "rb"))
    requests[i] = wrk.format("POST", wrk.path, { ["Content-Type"] = kind }, file:read("*a"))
    file:close()
  end
  place = math.random(0, count - 1)
end

function request()
  place = (place + 1) % count
  return requests[place]
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format('\n{"requests": %d, "seconds": %f, "p50": %f, "p99": %f, "errors": %d}\n', summary.requests,
    summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    e.connect + e.read + e.write + e.status + e.timeout))
end
