"""One small estate, described as each world describes it: the same database, bucket, cache, machines, containers, load balancer,
queue, domain, record, key, alarm, secret and certificate.

Each exists twice: `bare` (one zone, no backup, no copy, nothing that protects it) and `sound`.
"""

THINGS = (
    *("database", "bucket", "cache", "machines", "containers", "balancer"),
    *("queue", "domain", "record", "key", "alarm", "secret", "certificate"),
)
STATES = ("bare", "sound")
CASES = tuple(f"{state} {thing}" for thing in THINGS for state in STATES)
