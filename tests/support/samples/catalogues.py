"""Samples of backstay.yaml: the smallest useful one, one with every key, and ones with known mistakes."""

from textwrap import dedent

SMALLEST = dedent(
    """\
    organisation: Acme
    services:
      - name: billing
        tier: 1
        users: 120000
        revenue_per_hour: 42000
        resources: {tags: {service: billing}}
        depends_on: [login, stripe, aws/us-east-1/dynamodb]
      - {name: login, tier: 1, resources: {tags: {service: login}}}
    """
)

FULL = dedent(
    """\
    organisation: Acme
    currency: EUR
    timezone: Europe/Berlin
    grace: 3h
    ledger: state/backstay.db
    tiers:
      1: {weight: 10, rto: 30m, rpo: 5m}
      5: {weight: 0.5}
    aws: {profile: audit, regions: [us-east-1, eu-central-1], organization: true, role: backstay-read}
    slack: {bot_token: env:SLACK_BOT_TOKEN, signing_secret: file:secrets/signing, command: /wind}
    web: {host: 127.0.0.1, port: 0}
    roles: {everyone: viewer, responder: [slack:U1, S7], admin: U2}
    accounts:
      - {id: "012345678901", name: prod, role: backstay-read, external_id: env:EXTERNAL_ID, regions: eu-central-1}
      - "111122223333"
    providers:
      - {name: Mailroom, runs_on: [aws/eu-central-1], aliases: [mail-room]}
      - hosted-pbx
    audiences:
      payments:
        timezone: America/New_York
        routes:
          - slack: "#payments"
          - webhook: {url: env:HOOK_URL, secret: env:HOOK_SECRET, template: shapes/pager.json, runs_on: [gcp]}
          - teams_workflow: env:TEAMS_URL
        schedules:
          - {cron: 0 8 * * mon-fri, timezone: Europe/London, grace: 1h30m, post: scorecard}
          - 30 17 * * FRI
      platform:
        - slack: {channel: C0123, name: the platform channel}
      quiet:
        routes: [{webhook: "http://127.0.0.1:9/hook"}]
        schedules: []
    schedules:
      - {audience: quiet, cron: 0 7 1 * *}
    services:
      - name: checkout
        tier: 1
        owner: payments
        description: The till
        users: 450000
        revenue_per_hour: 80000.5
        revenue_as_of: 2026-10-01
        rto: 15m
        rpo: 1m
        depends_on:
          - login
          - {on: Mail-Room, soft: true, fallback: the other mailer}
          - on: aws/us-east-1/use1-az4
          - cloudflare
        resources:
          tags: {service: checkout, env: [prod, live]}
          stacks: [checkout-*]
          arns: "arn:aws:sqs:*:*:checkout-*"
          accounts: ["012345678901"]
          regions: [us-east-1, eu-central-1]
        deployments:
          - aws/us-east-1
          - {on: gcp/europe-west1, role: standby, runs: a warm copy, zones: [europe-west1-b]}
        runbook: {url: runbooks/checkout.md, reviewed: 2026-09-30}
        drills:
          - {kind: failover, at: 2026-10-05, scope: aws/us-east-1, rto: 22m, attested_by: Kim, link: "https://wiki/x"}
        attestations:
          - {practice: kill_switch, by: Kim, at: 2026-08-01, expires: 2027-08-01}
        waivers:
          - {check: RG01, reason: moving in spring, by: Lee, until: 2027-03-31}
        labels: {area: shop}
      - name: login
        tier: 5
        audience: platform
        resources: {stacks: login}
        runbook: https://acme.atlassian.net/wiki/login
    """
)

# Text of a file, and what its messages must say (each a piece of one line, in the order of the file).
MISTAKEN: dict[str, tuple[str, tuple[str, ...]]] = {
    "unknown names": (
        dedent(
            """\
            organisation: Acme
            audiences:
              payments: [{slack: "#payments"}]
            services:
              - name: login
                teir: 1
                audience: paymets
              - name: billing
                tier: 9
                depends_on: [logn, aws/us-esat-1, awz/eu-west-1, sttripe, qqqqqqqq]
            """
        ),
        (
            "b.yaml:6:5: services[0].teir: unknown key 'teir'; did you mean 'tier'?",
            "b.yaml:7:5: services[0].audience: unknown audience 'paymets'; did you mean 'payments'?",
            "b.yaml:9:5: services[1].tier: unknown tier '9'; known: 1, 2, 3, 4",
            "b.yaml:10:18: services[1].depends_on[0]: unknown service, provider or scope 'logn'; did you mean 'login'?",
            "b.yaml:10:24: services[1].depends_on[1]: AWS has no region 'us-esat-1'; did you mean 'us-east-1'?",
            "b.yaml:10:39: services[1].depends_on[2]: unknown provider 'awz'; did you mean 'aws'?",
            "b.yaml:10:54: services[1].depends_on[3]: unknown service, provider or scope 'sttripe'; did you mean 'stripe'?",
            "b.yaml:10:63: services[1].depends_on[4]: unknown service, provider or scope 'qqqqqqqq'; add an unknown SaaS",
        ),
    ),
    "bad values": (
        dedent(
            """\
            currency: euros
            timezone: Europe/Berln
            services:
              - name: login
                users: many
                revenue_per_hour: -3
                revenue_as_of: yesterday
                rto: 5 parsecs
                drills: [{kind: failovr, at: 2026-10-05, attested_by: Kim}]
                waivers: [{check: rg1, reason: x, by: y, until: 9999-12-31}]
              - users: 3
            """
        ),
        (
            "b.yaml:1:1: currency: 'euros' does not have the expected form",
            "b.yaml:2:1: timezone: unknown time zone 'Europe/Berln'; did you mean 'Europe/Berlin'?",
            "b.yaml:5:5: services[0].users: expected a whole number, not 'many'",
            "b.yaml:6:5: services[0].revenue_per_hour: input should be greater than or equal to 0",
            "b.yaml:7:5: services[0].revenue_as_of: expected a date such as 2026-03-31, not 'yesterday'",
            "b.yaml:8:5: services[0].rto: expected a duration such as 15m, 4h, 1h30m or 2d, not '5 parsecs'",
            "restore, game_day, not 'failovr'; did you mean 'failover'?",
            "b.yaml:10:16: services[0].waivers[0].check: unknown check 'rg1'; did you mean 'RG01'?",
            "b.yaml:10:46: services[0].waivers[0].until: '9999-12-31' is out of range; expected a year from 1990 to 2199",
            "b.yaml:11:5: services[1]: 'name' is missing",
        ),
    ),
    "evidence": (
        dedent(
            """\
            services:
              - name: login
                revenue_as_of: 2190-01-01
                runbook: {url: "https://wiki.example/login", reviewed: 2190-01-01}
                drills: [{kind: failover, at: 2190-01-01, attested_by: Kim}]
                attestations:
                  - {practice: killswitch, by: Kim, at: 2026-08-01}
                  - {practice: game day, by: Kim, at: 2026-08-01}
                  - {practice: astrology, by: Kim, at: 2190-01-01}
                waivers: [{check: RG1, reason: x, by: y, until: 2027-01-01}, {check: ZZ99, reason: x, by: y, until: 2027-01-01}]
            """
        ),
        (
            "b.yaml:3:5: services[0].revenue_as_of: 2190-01-01 is in the future",
            "b.yaml:4:50: services[0].runbook.reviewed: 2190-01-01 is in the future",
            "b.yaml:5:31: services[0].drills[0].at: 2190-01-01 is in the future; write the day on which it happened",
            "b.yaml:7:10: services[0].attestations[0].practice: unknown practice 'killswitch'; did you mean 'kill_switch'?",
            "b.yaml:8:10: services[0].attestations[1].practice: 'game day' is a rehearsal; write it under drills:",
            "b.yaml:9:10: services[0].attestations[2].practice: unknown practice 'astrology'; known: alert_test,",
            "b.yaml:9:40: services[0].attestations[2].at: 2190-01-01 is in the future",
            "b.yaml:10:16: services[0].waivers[0].check: unknown check 'RG1'; did you mean 'RG01'?",
            "b.yaml:10:67: services[0].waivers[1].check: unknown check 'ZZ99'; `backstay checks` lists them",
        ),
    ),
    "bad routes": (
        dedent(
            """\
            audiences:
              payments:
                routes:
                  - slack: #payments
                  - webhook: {url: env:X, secrt: env:Y}
                  - webhook: {url: env:X, secret: hunter2}
                  - slak: "#x"
                schedules: [0 9 * * MOO]
              empty: []
            schedules: [{audience: nobody}]
            """
        ),
        (
            "b.yaml:4:9: audiences.payments.routes[0]: a route is exactly one of slack, webhook, teams",
            "b.yaml:5:31: audiences.payments.routes[1].webhook.secrt: unknown key 'secrt'; did you mean 'secret'?",
            "b.yaml:6:31: audiences.payments.routes[2].webhook.secret: secrets do not belong in this file",
            "b.yaml:7:9: audiences.payments.routes[3].slak: unknown key 'slak'; did you mean 'slack'?",
            "b.yaml:8:17: audiences.payments.schedules[0]: '0 9 * * MOO' is not a cron expression (Bad day-of-week)",
            "b.yaml:9:3: audiences.empty: has no routes; add at least one",
            "b.yaml:10:14: schedules[0].audience: unknown audience 'nobody'; known: empty, payments",
        ),
    ),
    "wrong shapes": (
        dedent(
            """\
            organisation: [Acme]
            services:
              login: {tier: 1}
            tiers: [1, 2]
            providers: stripe
            accounts: ["12"]
            """
        ),
        (
            "b.yaml:1:1: organisation: expected text, not a list",
            "b.yaml:2:1: services: expected a list, not a mapping",
            "b.yaml:4:1: tiers: expected a mapping, not a list",
            "b.yaml:5:1: providers: expected a list, not 'stripe'",
            (
                "b.yaml:6:12: accounts[0]: expected an AWS account id of 12 digits, projects/ID, folders/NUMBER, "
                "organizations/NUMBER, subscriptions/UUID, managementGroups/NAME or clusters/CONTEXT, not '12'"
            ),
        ),
    ),
    "twins": (
        "services:\n  - name: login\n  - name: login\n    tier: 1\n    tier: 2\n",
        (
            "b.yaml:3:5: services[1].name: 'login' is already defined in line 2",
            "b.yaml:5:5: services[1]: the key 'tier' is already defined in line 4",
        ),
    ),
    "not a mapping": ("- services\n", ("b.yaml:1:1: expected keys such as services:, not a list",)),
    "two documents": ("organisation: A\n---\norganisation: B\n", ("b.yaml:1:1: contains several YAML documents",)),
    "malformed": ("services: [login\n", ("is not valid YAML: did not find expected ',' or ']'",)),
    "tabs": ("services:\n\t- name: x\n", ("b.yaml:2:1: has a tab here; indent with spaces",)),
}
