"""Lists resources that belong to no service, as comments, with a proposal where several share a word of their names."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from bot.audit.attribution import RESOURCES
from bot.audit.bootstrap.yaml_text import comment_lines, scalar
from bot.catalogue import secret_kind
from checks import Fact

_FEWEST: Final = 2
"""Resources that share a word before the word is proposed as a service."""
# A service has a name that people say: letters, and no id or number in it.
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z]{2,39}")
_SHOWN: Final = 12
"""Names of a proposal that are shown: its pattern finds the others."""
# Words for kinds, products and stages, which many names hold; none of them names a service.
_KIND_WORDS: Final = frozenset(
    re.findall(
        r"\S+",
        "alb api app asg aws awseb bucket cache cdn clb cluster container data database dax default demo dev dist dlq ecs eks "
        "elb endpoint file func function gateway group host image instance job lambda live log logs machine main mysql net "
        "network new nlb node nodes old pool postgres postgresql prd preview pri primary prod production pub qa queue rds "
        "redis replica role sandbox server service sns sqs stack stage staging stg storage store stream subnet svc table task "
        "tbl temp test testing the tmp topic uat vol volume vpc web worker",
    )
)


def unclaimed_lines(facts: Sequence[Fact]) -> Iterator[str]:
    """Lines of comment about these unclaimed facts; none where there are none.

    Resources that share a word of their names make a proposed service, which an editor turns on by removing `# `. The other
    resources are listed by product, and facts of other kinds (alarms, keys, stacks) are counted.
    """
    resources = [fact for fact in facts if isinstance(fact, RESOURCES)]
    others = Counter(type(fact) for fact in facts if not isinstance(fact, RESOURCES))
    if not facts:
        return
    yield from comment_lines(
        f"unclaimed: {_count(len(resources), 'resource')} that no tag, application, stack or cluster claims for a service. "
        "They are in no service of this file, so no check judges them. Tag them (`service: NAME`), name them under `resources` "
        "of a service, or remove the `# ` before a proposal.",
        then="# ",
    )
    words = _proposals(resources)
    for word, found in sorted(words.items()):
        yield from _proposal_lines(word, found)
    proposed = {fact.resource for found in words.values() for fact in found}
    yield from _list_lines([fact for fact in resources if fact.resource not in proposed])
    if others:
        counts = ", ".join(f"{_noun(kind)}: {others[kind]}" for kind in sorted(others, key=_noun))
        yield from comment_lines(f"also unclaimed ({counts})")


def _noun(kind: type[Fact]) -> str:
    """`encryption key` for EncryptionKey."""
    return re.sub(r"(?<!^)(?=[A-Z])", " ", kind.__name__).lower()


def _proposals(resources: Iterable[Fact]) -> Mapping[str, Sequence[Fact]]:
    """The resources by the word of their names that may be a service, where several share it."""
    found: dict[str, list[Fact]] = defaultdict(list)
    for fact in resources:
        if word := _word(fact):
            found[word.casefold()].append(fact)
    return {word: facts for word, facts in found.items() if len({fact.resource for fact in facts}) >= _FEWEST}


def _word(fact: Fact) -> str:
    """The first word of a resource's name that may name a service, as it is written there; empty where there is none."""
    words = re.split(r"[\W_]+", "" if secret_kind(fact.name) else fact.name)
    known = {*_KIND_WORDS, fact.product}
    return next((word for word in words if _WORD.fullmatch(word) and word.casefold() not in known), "")


def _proposal_lines(word: str, facts: Sequence[Fact]) -> Iterator[str]:
    names = sorted({fact.name for fact in facts})
    shown = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
    yield "#"
    yield from comment_lines(f"proposal: {_count(len(facts), 'resource')} with {word} in the name: {shown}")
    yield f"#   - name: {scalar(word)}"
    yield "#     resources:"
    yield "#       arns:"
    for pattern in sorted({_pattern(fact) for fact in facts}):
        yield f"#         - {scalar(pattern)}"


def _pattern(fact: Fact) -> str:
    """An ARN pattern for the resources of one product whose names hold the fact's word: `arn:aws:sqs:*:*:*billing*`.

    The exact ARN where the name is not part of it, as of a machine that is called by its tag.
    """
    word = _word(fact)
    head = fact.resource.split(":", 5)
    if len(head) < 6 or word not in head[5]:
        return fact.resource
    region, account = ("*" if part else "" for part in head[3:5])
    kind = re.match(r"[a-z-]+[:/]", head[5])
    return f"{':'.join(head[:3])}:{region}:{account}:{kind[0] if kind else ''}*{word}*"


def _list_lines(facts: Iterable[Fact]) -> Iterator[str]:
    by_product: dict[tuple[str, str], list[str]] = defaultdict(list)
    for fact in facts:
        by_product[fact.product, fact.region].append(fact.name)
    if by_product:
        yield "#"
    for (product, region), names in sorted(by_product.items()):
        shown = ", ".join("(hidden: looks like a secret)" if secret_kind(name) else name for name in sorted(names))
        yield from comment_lines(f"no proposal: {len(names)} of {product} in {region}: {shown}")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
