"""Twelve outages of 2021 to 2026 by their post-mortems: who failed, how, to what share of requests, and what pages did."""

from support.outage_world.happenings import Answer, Effect
from support.outage_world.pages import Item, Post
from support.samples.outages import OWN, Outage, incident, utc

_500 = Answer(500, b"<html><title>500 Internal Server Error</title></html>", "text/html")
_503 = Answer(503, b"<html><title>503 Service Unavailable</title></html>", "text/html")
_403 = Answer(403, b"<html><title>Error 1034: Edge IP Restricted</title></html>", "text/html")


def _cloudflare_december() -> Outage:
    """28 % of HTTP traffic got HTTP 500 from 08:47 to 09:12; dashboard and API too."""
    onset, ends = utc("2025-12-05 08:47"), utc("2025-12-05 09:12")
    return Outage(
        "cloudflare-2025-12-05", "cloudflare", "cloudflare", onset, ends,
        (
            Effect("*.cloudflare.com", onset, ends, "answer", 0.28, answer=_500),
            Effect(OWN, onset, ends, "answer", 0.28, answer=_500),
        ),
        (incident(utc("2025-12-05 08:57"), utc("2025-12-05 09:20"), "Issues with Cloudflare Dashboard and APIs"),),
        assumed="that the share of requests is the same at each host; in truth whole sites failed and others did not",
        sources=(
            "https://ossmalta.eu/cloudflare-reveals-cause-of-the-global-outage-on-december-5-2025/ (28 %, 08:47 to 09:12)",
            "https://cyber.netsecops.io/articles/cloudflare-outage-caused-by-botched-emergency-patch-for-react2shell (08:57)",
        ),
    )  # fmt: skip


def _cloudflare_february() -> Outage:
    """1,100 prefixes of customers withdrawn: connections time out; one.one.one.one answers HTTP 403."""
    onset, ends = utc("2026-02-20 17:56"), utc("2026-02-20 23:03")
    return Outage(
        "cloudflare-2026-02-20", "cloudflare", "cloudflare", onset, ends,
        (
            Effect("one.one.one.one", onset, ends, "answer", answer=_403),
            Effect(OWN, onset, ends, "silent"),
        ),
        (incident(utc("2026-02-20 18:30"), ends, "BYOIP prefixes withdrawn"),),
        assumed="the page's first post; that our own prefix is one of the 25 %",
        sources=(
            "https://news.lavx.hu/article/cloudflare-outage-6-hour-service-disruption-affects-25-of-byoip-customers",
            "https://vpncentral.com/?p=245246 (17:56, 18:46, 23:03)",
        ),
    )  # fmt: skip


def _zoom() -> Outage:
    """serverHold on zoom.us: the name is gone for everybody, the status page under it too."""
    onset, ends = utc("2025-04-16 18:25"), utc("2025-04-16 20:12")
    gone = tuple(Effect(name, onset, ends, "dns nxdomain") for name in ("zoom.us", "*.zoom.us"))
    return Outage(
        "zoom-2025-04-16", "zoom", "zoom", onset, ends, gone,
        sources=(
            "https://zoom.statuspage.io (11:25 to 13:12 PDT)",
            "https://blog.redsift.com/asm/zoom-stops-zooming-why-active-monitoring-is-essential (serverHold, 18:25:44)",
            "https://cybersecurityboard.com/global-zoom-outage-caused-by-server-block-imposed-from-godaddy-registry (page)",
        ),
    )  # fmt: skip


def _heroku() -> Outage:
    """Hosts lost their routes; dashboard, CLI and logins failed; the status site timed out and showed no incident."""
    onset, ends = utc("2025-06-10 06:00"), utc("2025-06-10 22:00")
    late = utc("2025-06-10 09:30")
    return Outage(
        "heroku-2025-06-10", "heroku", "heroku", onset, ends,
        (
            Effect("api.heroku.com", onset, ends, "answer", 0.5, answer=_503),
            Effect("id.heroku.com", onset, ends, "answer", 0.5, answer=_503),
            Effect("dashboard.heroku.com", onset, ends, "silent", 0.5),
            Effect("status.heroku.com", onset, late, "silent", 0.7),
            Effect(OWN, onset, ends, "answer", 0.6, answer=_503),
        ),
        (Item("2822", "Service disruption", "critical", (Post(late), Post(ends, "resolved")), began=onset),),
        assumed="the shares (`intermittent logins`, `application failures`); the first post that could be read",
        sources=(
            "https://www.heroku.com/blog/corrective-action-update-june-10-outage (06:00; the page showed no incident)",
            "https://news.najib.digital/summary-of-heroku-june-10-outage-21553.html (copy of Heroku's summary)",
        ),
    )  # fmt: skip


def _front_door_2024() -> Outage:
    """Front Door and CDN below thresholds: intermittent errors, timeouts and latency spikes, later a low rate."""
    onset, ends = utc("2024-07-30 11:45"), utc("2024-07-30 13:58")
    low = utc("2024-07-30 19:43")
    return Outage(
        "azure-front-door-2024-07-30", "azure", "azure", onset, low,
        (
            Effect("portal.azure.com", onset, ends, "silent", 0.35),
            Effect("*.azurefd.net", onset, ends, "silent", 0.35),
            Effect("portal.azure.com", ends, low, "silent", 0.03),
            Effect(OWN, onset, ends, "silent", 0.35),
        ),
        (incident(utc("2024-07-30 12:30"), low, "Issues accessing a subset of Microsoft services"),),
        assumed="35 % and 3 % (`intermittent`, `a low rate`); the page's first post (a customer saw it before 13:01)",
        sources=(
            "https://status.boltrics.com/notices/r8cjowf5mfpheisj-azure-accessibility-issues (copy of the PIR KTY1-HW8)",
            "https://web-performance.ch/news/azure-outage-on-july-30th-2024/ (a customer's own monitoring, 12:06)",
        ),
    )  # fmt: skip


def _front_door_2025() -> Outage:
    """About 30 % of Front Door's instances lost in Europe and Africa."""
    onset, ends = utc("2025-10-09 07:40"), utc("2025-10-09 12:50")
    return Outage(
        "azure-front-door-2025-10-09", "azure", "azure", onset, ends,
        (
            Effect("portal.azure.com", onset, ends, "silent", 0.3),
            Effect("*.azurefd.net", onset, ends, "silent", 0.3),
            Effect(OWN, onset, ends, "silent", 0.3),
        ),
        (incident(utc("2025-10-09 08:40"), utc("2025-10-09 16:00"), "Azure Front Door: connectivity issues"),),
        assumed="that as many requests as instances fail; the page's first post",
        sources=(
            "https://windowsforum.com/threads/azure-front-door-outage-lessons-for-cloud-reliability.383756 (07:40, 30 %)",
            "https://clubrive.com/?p=2660 (12:50, 16:00)",
        ),
    )  # fmt: skip


def _lambda() -> Outage:
    """Lambda invocations fail and time out; STS, console and others with them; network paths stay good."""
    onset, ends = utc("2023-06-13 18:49"), utc("2023-06-13 20:45")
    return Outage(
        "aws-lambda-2023-06-13", "aws", "aws/us-east-1/lambda", onset, ends,
        (
            Effect("lambda.us-east-1.amazonaws.com", onset, ends, "answer", 0.6, answer=_503, signed_in=True),
            Effect("sts.us-east-1.amazonaws.com", onset, ends, "answer", 0.2, answer=_503, signed_in=True),
            Effect(OWN, onset, ends, "answer", 0.6, answer=_503),
        ),
        (incident(utc("2023-06-13 19:08"), utc("2023-06-13 22:37"), "Increased Error Rates", parts=("lambda",),
                  regions="us-east-1"),),
        canary=True,
        assumed="the shares; the page's first post (12:08 PM PDT, from memory)",
        sources=("https://aws.amazon.com/message/061323/", "https://www.thousandeyes.com/blog/aws-outage-analysis-june-13-2023"),
    )  # fmt: skip


def _datadog() -> Outage:
    """Tens of thousands of nodes offline: neither browser nor API reach the platform until 09:13."""
    onset, ends = utc("2023-03-08 06:03"), utc("2023-03-08 09:13")
    hosts = ("api.datadoghq.com", "app.datadoghq.com", "http-intake.logs.datadoghq.com", "www.datadoghq.com")
    return Outage(
        "datadog-2023-03-08", "datadog", "datadog", onset, ends,
        tuple(Effect(host, onset, ends, "answer", 0.9, answer=_503) for host in hosts),
        (incident(utc("2023-03-08 06:31"), utc("2023-03-09 08:58"), "Delayed data and web access", "critical"),),
        assumed="90 % (`users could not access the platform or various services`)",
        sources=("https://www.datadoghq.com/blog/2023-03-08-multiregion-infrastructure-connectivity-issue/",),
    )  # fmt: skip


def _github_2024() -> Outage:
    """Webhook deliveries are late by 24 minutes on average: nothing that is asked from outside fails."""
    onset, ends = utc("2024-07-05 16:31"), utc("2024-07-05 18:08")
    return Outage(
        "github-2024-07-05", "github", "github", onset, ends, (),
        (incident(utc("2024-07-05 16:53"), ends, "Incident with Webhooks", parts=("Webhooks",)),),
        assumed="the page's first post",
        sources=("https://github.blog/news-insights/company-news/github-availability-report-july-2024/",),
    )  # fmt: skip


def _github_2026() -> Outage:
    """At the peak 40 % of requests to github.com, 43 % to the API, 6 % of Git over HTTP; SSH none."""
    onset, ends = utc("2026-03-03 18:46"), utc("2026-03-03 20:09")
    return Outage(
        "github-2026-03-03", "github", "github", onset, ends,
        (
            Effect("github.com", onset, ends, "answer", 0.06, path="/git/", answer=_503),
            Effect("github.com", onset, ends, "answer", 0.40, answer=_503),
            Effect("api.github.com", onset, ends, "answer", 0.43, answer=_503),
        ),
        (incident(utc("2026-03-03 18:59"), ends, "Incident with multiple services", parts=("API Requests", "Git Operations")),),
        assumed="that the peak lasts the whole time",
        sources=("https://githubstatus.com (copy)", "https://euno.news/posts/en/github-availability-report-march-2026-96cdec"),
    )  # fmt: skip


def _ovh() -> Outage:
    """A router floods the backbone: IPv4 is gone at every site for an hour, IPv6 works; the status page is down too."""
    onset, ends = utc("2021-10-13 07:20"), utc("2021-10-13 08:20")
    hosts = ("*.ovh.com", "*.ovhcloud.com", "*.ovh.net", "*.status-ovhcloud.com", OWN)
    announced = Item(
        "m1", "Maintenance on our routers in VIN DC", "maintenance",
        (Post(utc("2021-10-12 09:00"), "scheduled", "No impact expected, device will be isolated before the change."),),
        ("VIN",), began=utc("2021-10-13 07:00"), until=utc("2021-10-13 08:30"),
    )  # fmt: skip
    return Outage(
        "ovh-2021-10-13", "ovh", "ovh", onset, ends,
        tuple(Effect(host, onset, ends, "silent", family="ipv4") for host in hosts), (announced,),
        assumed="07:20 to 08:20 (`hour-long`)",
        sources=(
            "https://cloud7.news/data-center/ovh-went-down-during-planned-maintenance/ (maintenance, page down)",
            "https://status.proxyclick.com/incidents/mfxc3fdyfgk4 (OVH's own words: IPv4 alone)",
        ),
    )  # fmt: skip


def _gcp_zone() -> Outage:
    """One zone loses power: its machines are gone, packets get lost; the region's endpoints answer."""
    onset, ends = utc("2025-03-29 19:53"), utc("2025-03-29 21:49")
    return Outage(
        "gcp-us-east5-c-2025-03-29", "gcp", "gcp/us-east5", onset, ends,
        (Effect(OWN, onset, ends, "silent"),),
        (incident(utc("2025-03-29 20:25"), utc("2025-03-30 02:03"), "Multiple products impacted in us-east5-c",
                  parts=("Google Compute Engine",), regions="us-east5"),),
        assumed="the page's first post; that only machines of the zone fail from outside",
        sources=("https://datacenterdynamics.com/en/news/ups-issue-caused-google-clouds-march-outage",),
    )  # fmt: skip


TWELVE = (
    _cloudflare_december(), _cloudflare_february(), _zoom(), _heroku(), _front_door_2024(), _front_door_2025(), _lambda(),
    _datadog(), _github_2024(), _github_2026(), _ovh(), _gcp_zone(),
)  # fmt: skip
