-- Sends the bodies of a file in turn, a line each, and tells the figures as one line of JSON.
local requests, last = {}, 0

function init(args)
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  for body in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format(nil, nil, nil, body)
  end
end

function request()
  last = last % #requests + 1
  return requests[last]
end

function done(summary, latency, _)
  local errors = summary.errors
  print(string.format(
    '{"seconds":%f,"requests":%d,"p50Ms":%f,"p99Ms":%f,"maxMs":%f,"badStatus":%d,"broken":%d,"timedOut":%d}',
    summary.duration / 1e6,
    summary.requests,
    latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3,
    latency.max / 1e3,
    errors.status,
    errors.connect + errors.read + errors.write,
    errors.timeout
  ))
end
