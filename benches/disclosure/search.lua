-- What wrk sends: POST [type]/_search for a random NHS number of a file, one a line. The request is
-- made once and ends with the number, so that sending one more costs the load generator little.
-- Where there is a file of writes, every twentieth request is one of them: each line is a path, a
-- tab, and a body with a date of ten signs to be filled in, so that each write changes something.

local threads = {}

function setup(thread)
  threads[#threads + 1] = thread
  thread:set("seed", #threads)
end

function init()
  -- Not as in the run before: what was written then would be written again, and change nothing.
  math.randomseed(os.time() + 7919 * seed)
  written = 0
  numbers = {}
  for number in io.lines(os.getenv("BENCH_NUMBERS")) do
    numbers[#numbers + 1] = number
  end
  local body = "patient:identifier=https%3A%2F%2Ffhir.nhs.uk%2FId%2Fnhs-number%7C"
  local headers = {
    ["Accept"] = "application/fhir+json",
    ["Authorization"] = "Bearer " .. os.getenv("BENCH_TOKEN"),
    ["Content-Type"] = "application/x-www-form-urlencoded",
  }
  local whole = wrk.format("POST", nil, headers, body .. numbers[1])
  beginning = whole:sub(1, #whole - #numbers[1])
  local file = os.getenv("BENCH_WRITES")
  writes = file and writes_of(file)
end

function writes_of(file)
  local found = {}
  local headers = {
    ["Accept"] = "application/fhir+json",
    ["Authorization"] = "Bearer " .. os.getenv("BENCH_WRITE_TOKEN"),
    ["Content-Type"] = "application/fhir+json",
  }
  for line in io.lines(file) do
    local path, body = line:match("^(.-)\t(.*)$")
    local whole = wrk.format("PUT", path, headers, body)
    local before, after = whole:match("^(.*)YYYY%-MM%-DD(.*)$")
    found[#found + 1] = { before, after }
  end
  return found
end

-- A day of the next ten years but for the first, far from where ending many is held back.
local function write()
  written = written + 1
  local chosen = writes[math.random(#writes)]
  local day = os.date("%Y-%m-%d", os.time() + 86400 * math.random(366, 3650))
  return chosen[1] .. day .. chosen[2]
end

function request()
  if writes and math.random(20) == 1 then
    return write()
  end
  return beginning .. numbers[math.random(#numbers)]
end

-- What was sent is more by one a connection, at the most, than what was answered.
function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  local written = 0
  for _, thread in ipairs(threads) do
    written = written + thread:get("written")
  end
  io.write(string.format(
    "measured %d %d %d %d %d %d\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), failed, written))
end
