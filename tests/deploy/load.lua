-- What wrk asks a site at a steady rate: pages, feed polls with and without a condition, parts of audio files, the service.
-- Each connection rests between its requests, so that the rate is ours and not what the server can do.
-- Arguments: milliseconds of rest, a page, the feed's ETag, an audio file.

function init(args)
  rest, page, etag, audio = tonumber(args[1]), args[2], args[3], args[4]
  local zipped = { ["Accept-Encoding"] = "gzip" }
  mix = {
    wrk.format("GET", "/", zipped), wrk.format("GET", page, zipped), wrk.format("GET", "/episodes/", zipped),
    wrk.format("GET", "/", { ["Accept-Encoding"] = "br" }), wrk.format("GET", page, { ["Accept-Encoding"] = "br" }),
    wrk.format("GET", "/feed.xml", zipped),
    wrk.format("GET", "/feed.xml", { ["If-None-Match"] = etag }), wrk.format("GET", "/feed.xml", { ["If-None-Match"] = etag }),
    wrk.format("GET", audio, { ["Range"] = "bytes=0-131071" }),
    wrk.format("GET", "/api/openapi.json", zipped),
  }
  turn = math.random(#mix)
end

function delay()
  return rest
end

function request()
  turn = turn % #mix + 1
  return mix[turn]
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests": %d, "seconds": %.2f, "bytes": %d, "p50": %.2f, "p99": %.2f, "failed": %d}\n',
    summary.requests, summary.duration / 1e6, summary.bytes, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
