"""Until when AWS supports a runtime of Lambda and a Kubernetes version of EKS."""

from datetime import UTC, date, datetime

# Ends of standard support: EKS user guide, "Amazon EKS release calendar". Later versions count as supported.
_SUPPORT_ENDS = {
    "1.28": date(2024, 11, 26),
    "1.29": date(2025, 3, 23),
    "1.30": date(2025, 7, 23),
    "1.31": date(2025, 11, 26),
    "1.32": date(2026, 3, 23),
    "1.33": date(2026, 7, 29),
}

# Deprecation dates of runtimes: Lambda developer guide, "Lambda runtimes".
_DEPRECATED = {
    "dotnetcore1.0": date(2019, 6, 27),
    "dotnetcore2.0": date(2019, 5, 30),
    "dotnetcore2.1": date(2022, 1, 5),
    "dotnetcore3.1": date(2023, 4, 3),
    "dotnet5.0": date(2022, 5, 10),
    "dotnet6": date(2024, 12, 20),
    "dotnet7": date(2024, 5, 14),
    "dotnet8": date(2026, 11, 10),
    "go1.x": date(2024, 1, 8),
    "java8": date(2024, 1, 8),
    "nodejs": date(2016, 10, 31),
    "nodejs4.3": date(2020, 3, 5),
    "nodejs6.10": date(2019, 8, 12),
    "nodejs8.10": date(2020, 3, 6),
    "nodejs10.x": date(2021, 7, 30),
    "nodejs12.x": date(2023, 3, 31),
    "nodejs14.x": date(2023, 12, 4),
    "nodejs16.x": date(2024, 6, 12),
    "nodejs18.x": date(2025, 9, 1),
    "nodejs20.x": date(2026, 4, 30),
    "provided": date(2024, 1, 8),
    "provided.al2": date(2026, 7, 31),
    "python2.7": date(2021, 7, 15),
    "python3.6": date(2022, 7, 18),
    "python3.7": date(2023, 12, 4),
    "python3.8": date(2024, 10, 14),
    "python3.9": date(2025, 12, 15),
    "python3.10": date(2026, 10, 31),
    "ruby2.5": date(2021, 7, 30),
    "ruby2.7": date(2023, 12, 7),
    "ruby3.2": date(2026, 3, 31),
}


def kubernetes_supported(version: str, now: datetime) -> bool:
    """Whether a version (`1.33`) is in standard support. Versions newer than the table count as supported."""
    minor = version.partition(".")[2]
    return now.date() < _SUPPORT_ENDS.get(version, date.max) and int(minor if minor.isdigit() else 0) >= 28


def lambda_supported(runtime: str, now: datetime) -> bool:
    """Whether functions with a runtime (`python3.12`) can be deployed. Runtimes that the table does not have count as supported."""
    deprecated_on = _DEPRECATED.get(runtime)
    return deprecated_on is None or now.astimezone(UTC).date() < deprecated_on
