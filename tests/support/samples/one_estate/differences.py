"""Where a door gives another verdict on the one estate than AWS does, and why: what its world does not have or does not tell."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from support.samples.one_estate import CASES, STATES

GOOGLE, AZURE = ("google", "terraform of google"), ("azure", "terraform of azure")
PLANS: Final = ("terraform of aws", "terraform of google", "terraform of azure")
LIVE: Final = ("google", "azure")
NO_DATA: Final = (
    "a cluster describes no databases, buckets, caches, queues, names, keys and alarms of its cloud, and no machines but its nodes; "
    "what a secret of it holds is not read"
)
_IN_CLUSTERS: Final = ("containers", "balancer", "certificate")
_VAULTED: Final = "the secrets of a key vault are in its data plane, which is not read"
ABSENT: Final = {("kubernetes", case): NO_DATA for case in CASES if not case.endswith(_IN_CLUSTERS)} | {
    ("azure", f"{state} secret"): _VAULTED for state in STATES
}
"""The door and the case that its world has no kind for -> why."""


@dataclass(frozen=True)
class Difference:
    """These checks give one of these outcomes at these doors, for cases that end with one of these words; and why."""

    checks: str
    doors: Sequence[str]
    outcomes: str
    why: str
    cases: tuple[str, ...] = ("",)

    def allows(self, case: str, check: str, door: str, outcome: str) -> bool:
        """Whether this row is about that verdict."""
        return (
            check in self.checks.split()
            and door in self.doors
            and outcome in self.outcomes.split()
            and case.endswith(self.cases)
        )


DIFFERENCES: Final = (
    Difference(
        "BK01", AZURE, "pass", "a flexible server cannot be without backups: seven days at least", ("database",)
    ),
    Difference(
        "BK02 BK03", AZURE, "pass", "it has backups, see BK01; without any AWS's verdict is in BK01", ("database",)
    ),
    Difference("ZN11", AZURE, "fail", "S3 is in several zones, whatever is set", ("bare bucket",)),
    Difference("AU01", PLANS[2:], "unknown", "a lock of Azure may be set outside of the plan", ("bare database",)),
    Difference("PO04", (*GOOGLE, *AZURE), "not_applicable", "the provider installs minor versions in every window"),
    Difference("PO03", PLANS, "pass", "what a plan describes is kept as code"),
    Difference("FO09", ("azure",), "fail pass", "its health probe and its automatic repairs are read as one"),
    Difference("FO10", AZURE, "unknown", "whether repairs are suspended is in no table and in no plan", ("machines",)),
    Difference("CA06", PLANS[:1], "unknown", "a plan does not tell how many addresses of a subnet are free"),
    Difference(
        "CA06",
        (*GOOGLE, *AZURE, "kubernetes"),
        "not_applicable unknown",
        "free addresses are read of AWS's subnets alone",
    ),
    Difference("ZN03", (*PLANS, *LIVE), "unknown pass", "a group does not tell where its machines run", ("machines",)),
    Difference("ZN03", PLANS[:1], "unknown", "a plan does not tell where tasks run", ("containers",)),
    Difference(
        "ZN03 CA03 RH05",
        (*GOOGLE, *AZURE),
        "not_applicable",
        "the provider spreads the instances itself, tells no zones, and nothing can be shifted",
        ("sound containers",),
    ),
    Difference("RH05", (*GOOGLE, *AZURE), "not_applicable", "only AWS has zonal shift", ("sound machines",)),
    Difference(
        "ZN01", GOOGLE, "pass", "Cloud Run is in all zones of its region, whatever is set", ("bare containers",)
    ),
    Difference(
        "AU08", (*GOOGLE, *AZURE, "kubernetes"), "not_applicable", "a deployment circuit breaker is a setting of ECS"
    ),
    Difference(
        "CL01 CL02 CL03 CL06 CL07 WL01 WL02 WL03 WL04 WL05 WL06 WL07 WL08 WL09",
        ("kubernetes",),
        "pass fail",
        "these judge objects that only a cluster has",
    ),
    Difference(
        "ZN04 ZN05",
        ("kubernetes",),
        "pass fail",
        "its estate has a load balancer: the same object makes it",
        ("containers",),
    ),
    *(
        Difference(checks, doors, outcomes, why, ("balancer",))
        for checks, doors, outcomes, why in (
            (
                "AU02",
                (*GOOGLE, "kubernetes"),
                "not_applicable",
                "nothing but a lock in Terraform keeps it from being deleted",
            ),
            ("AU02", PLANS[2:], "unknown", "a lock of Azure may be set outside of the plan"),
            ("FO06", (*GOOGLE, *AZURE, "kubernetes"), "not_applicable", "only AWS has zonal shift"),
            ("ZN05", (*PLANS, "google"), "unknown", "the health of targets is not in an inventory, and in no plan"),
            ("ZN06", (*GOOGLE, "kubernetes"), "not_applicable", "requests reach every zone, whatever is set"),
        )
    ),
    Difference("CA09", AZURE, "pass", "each queue of Service Bus has a dead-letter queue", ("bare queue",)),
    Difference(
        "DN03 DN04 DN05", ("azure", *PLANS), "not_applicable", "the registrar of a domain is not read", ("domain",)
    ),
    Difference("DN06", AZURE, "not_applicable", "Traffic Manager answers with names, not addresses", ("sound record",)),
    Difference(
        "AU10", ("google", *PLANS[:2]), "unknown", "neither an inventory nor a plan tells who uses a key", ("bare key",)
    ),
    Difference("AU10", AZURE, "not_applicable", "the state of a key is in its vault, and nothing names one", ("key",)),
    Difference("AU12", (*GOOGLE, *AZURE), "fail", "KMS of AWS always waits seven days", ("bare key",)),
    Difference(
        "OB01", PLANS[:1], "unknown", "a plan does not tell whether a subscription was confirmed", ("sound alarm",)
    ),
    Difference("RG04", PLANS[2:], "pass", "Azure replicates every vault to the paired region", ("bare secret",)),
)
