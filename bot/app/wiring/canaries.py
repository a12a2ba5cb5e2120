"""Builds the canaries of services other than AWS from the settings."""

from collections.abc import Callable, Iterator

from bot.app.settings import Settings
from bot.detection.probes.canaries.azure_resources import azure_canary
from bot.detection.probes.canaries.git_https import git_canary
from bot.detection.probes.canaries.github_actions import actions_canary
from bot.detection.probes.canaries.google_storage import google_canary
from bot.detection.probes.canaries.http_canary import HttpCanary
from bot.detection.probes.canaries.login_page import login_canary
from bot.detection.probes.canaries.registry_pull import registry_canary
from bot.model import Clock
from checks import Scope


def http_canaries(settings: Settings, clock: Clock) -> tuple[HttpCanary, ...]:
    """All that the settings ask for.

    Raises:
        ConfigError: a secret cannot be resolved; at the start and not in the middle of the night.
    """
    return (*_of_code(settings, clock), *_of_clouds(settings, clock))


def _of_code(settings: Settings, clock: Clock) -> Iterator[HttpCanary]:
    asked = settings.watch.synthetics
    for repository in asked.git:
        yield git_canary(repository.url, Scope.parse(repository.about), settings.secret(repository.token))
    for workflow in asked.actions:
        token = settings.secret(workflow.token)
        yield actions_canary(
            workflow.repository,
            workflow.workflow,
            workflow.ref,
            token,
            clock=clock,
            every=workflow.every,
            api=workflow.api_url,
        )
    for image in asked.registries:
        yield registry_canary(
            image.url,
            image.repository,
            image.tag,
            Scope.parse(image.about),
            user=image.user,
            password=settings.secret(image.password),
        )
    for page in asked.logins:
        yield login_canary(page.url, page.text, Scope.parse(page.about))


def _of_clouds(settings: Settings, clock: Clock) -> Iterator[HttpCanary]:
    asked = settings.watch.synthetics
    for stored in asked.gcp:
        key = _constant(settings.secret(stored.key)) if stored.key else None
        yield google_canary(
            stored.region,
            stored.bucket,
            stored.name,
            clock=clock,
            key=key,
            url=stored.url,
            token_url=stored.token_url,
        )
    if asked.azure is not None:
        app = asked.azure
        secret = _constant(settings.secret(app.app_password))
        yield azure_canary(app.tenant_id, app.app_id, secret, clock=clock, url=app.url, login_url=app.login_url)


def _constant(value: str) -> Callable[[], str]:
    return lambda: value
