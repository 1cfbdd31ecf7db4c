-- What wrk sends: POST Flag/_search for a random NHS number of a file, one a line. The request is
-- made once and ends with the number, so that sending one more costs the load generator little.

local threads = 0

function setup(thread)
  threads = threads + 1
  thread:set("seed", threads)
end

function init()
  math.randomseed(seed)
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
end

function request()
  return beginning .. numbers[math.random(#numbers)]
end

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format(
    "measured %d %d %d %d %d\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), failed))
end
