// The client of the benchmark, in a process of its own: `node bench/load.mjs URL CONNECTIONS SECONDS COOKIE`. Checks every answer, and
// prints the requests per second and the median and 99th percentile of their times in milliseconds as JSON.
import autocannon from 'autocannon';

const [url, connections, duration, cookie] = process.argv.slice(2);
const result = await autocannon({
  url,
  connections: Number(connections),
  duration: Number(duration),
  headers: cookie ? { cookie } : {},
  verifyBody: (body) => /^\{"views":[1-9]\d*\}$/.test(body),
});
const wrong = result.non2xx + result.errors + result.timeouts + result.mismatches;
if (wrong > 0) throw new Error(`${wrong} of ${result.requests.total} answers were wrong`);
console.log(JSON.stringify({ perSecond: result.requests.average, p50: result.latency.p50, p99: result.latency.p99 }));
