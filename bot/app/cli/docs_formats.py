"""Tables of route kinds, status feed formats and alert formats, generated from their modules."""

import importlib

from bot.app.cli.docs_tables import table


def routes() -> list[str]:
    """Every kind of route of an audience, with its short form."""
    from bot.catalogue.audiences import RouteSection

    rows = []
    for name, field in RouteSection.model_fields.items():
        rows.append((f"`{name}`", field.description or ""))
    return list(table(("Kind", "Delivers to"), rows))


def feeds() -> list[str]:
    """Every status feed format, as `backstay feed formats` lists it."""
    from bot.detection.feeds import about, known_formats

    return list(table(("Format", "What it reads"), ((f"`{name}`", about(name)) for name in known_formats())))


def alerts() -> list[str]:
    """Every alert format, with the settings of which any one authenticates its sender."""
    from bot.detection.alerts import known_formats

    rows = []
    for name, form in known_formats().items():
        text = importlib.import_module(f"bot.detection.alerts.formats.{name}").__doc__ or ""
        rows.append((f"`{name}`", text.strip().split("\n")[0], " or ".join(f"`{word}`" for word in form.AUTH_METHODS)))
    return list(table(("Format", "What it reads", "Authenticated by"), rows))


def monitors() -> list[str]:
    """Every monitoring product that is read, with how to make access that reads it and can do nothing else."""
    from bot.audit.collectors.monitors.source import known_sources

    rows = ((f"`{source.kind}`", source.title, source.least_privilege) for source in known_sources().values())
    return list(table(("Kind", "Product", "Least privilege"), rows))
