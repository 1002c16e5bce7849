-- Sends the requests of a file in turn, one a line: METHOD <tab> PATH <tab> USER-ID <tab> BODY.
-- Its environment: BENCH_REQUESTS (the file), EDGE_SECRET. It prints one line of figures.
local requests, turn = {}, 0

function init(arguments)
    local secret = os.getenv("EDGE_SECRET")
    for line in io.lines(os.getenv("BENCH_REQUESTS")) do
        local method, path, user, body = line:match("^(%S+)\t(%S+)\t(%S*)\t(.*)$")
        local headers = {}
        if user ~= "" then
            headers["X-Edge-Verified"], headers["X-User-Id"] = secret, user
        end
        if body ~= "" then
            headers["Content-Type"] = "application/json"
        else
            body = nil
        end
        requests[#requests + 1] = wrk.format(method, path, headers, body)
    end
end

function request()
    turn = turn % #requests + 1
    return requests[turn]
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format("figures %d %d %d %d %d\n", summary.requests, summary.duration, latency:percentile(50),
        latency:percentile(99), errors.status + errors.connect + errors.read + errors.write + errors.timeout))
end
