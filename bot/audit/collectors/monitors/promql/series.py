"""Asks which series an expression selects now, many selectors in one query, within the queries that an audit may make."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from bot.audit.collectors.engine.row import Row
from bot.audit.collectors.monitors.promql.expression import SeriesSelector
from bot.audit.collectors.monitors.reader import MonitorReader
from bot.audit.collectors.monitors.signals import engine_of
from bot.audit.collectors.monitors.source import LabelSet
from bot.net.read_error import ReadError
from checks import Maybe, Unread

QUERY: Final = "/api/v1/query"
_TOGETHER: Final = 30
_LONGEST: Final = 3_000
"""Characters of one query: it is sent in a URL, and many proxies end at 8,192 bytes of it when encoded."""

_NUMBER: Final = "backstay_selector"
_MOST_SETS: Final = 5_000
"""Label sets of one selector; those of all selectors are at most 40 times as many."""


_Batch = dict[int, tuple[str, str]]
"""The text and the query of each selector, by its number."""


@dataclass(slots=True)
class SeriesAsked:
    """The label sets of each selector, by its text; `Unread` where they were not asked for or not answered.

    `labels`: those that the sets are made of; of metrics of a datastore also `store_labels`.
    """

    reader: MonitorReader
    labels: tuple[str, ...]
    store_labels: tuple[str, ...] = ()
    found: dict[str, Maybe[tuple[LabelSet, ...]]] = field(default_factory=dict)
    queries: int = 0
    sets: int = 0

    async def ask(self, selectors: Iterable[SeriesSelector]) -> None:
        """Ask for the series of these selectors, counted by the labels."""
        batches = await asyncio.to_thread(self._planned, selectors)
        await asyncio.gather(*(self._batch(batch, labels) for batch, labels in batches))

    def _planned(self, selectors: Iterable[SeriesSelector]) -> list[tuple[_Batch, tuple[str, ...]]]:
        """The queries to make, each with its labels. Takes a second for 100,000 selectors."""
        wanted: dict[bool, dict[str, None]] = {False: {}, True: {}}
        for selector in selectors:
            if (text := str(selector)) not in self.found:
                wanted[bool(engine_of(selector.metric))][text] = None
        return [
            (batch, (*self.labels, *self.store_labels) if of_stores else self.labels)
            for of_stores, texts in wanted.items()
            for batch in _batches(list(texts))
        ]

    def of(self, selector: SeriesSelector) -> Maybe[tuple[LabelSet, ...]]:
        """The label sets of a selector; none where it selects nothing now."""
        return self.found.get(str(selector), Unread("it was not asked which series it selects"))

    async def _batch(self, batch: _Batch, labels: Sequence[str]) -> None:
        if self.queries >= self.reader.access.most_queries or self.sets > _MOST_SETS * 40:
            limit = f"not asked: more than {self.reader.access.most_queries} queries (most_queries in backstay.yaml)"
            self.found.update({text: Unread(limit) for text, _ in batch.values()})
            return
        self.queries += 1
        union = " or ".join(query for _, query in batch.values())
        try:
            query = f"count by ({', '.join((*labels, _NUMBER))}) ({union})"
            body = await self.reader.get(QUERY, QUERY, {"query": query})
            found = await asyncio.to_thread(_sets_of, body, batch)
        except ReadError as error:
            if len(batch) > 1 and not error.fatal and error.code != "Unreachable":
                for number, pair in batch.items():  # one of them may be refused, such as for its size
                    await self._batch({number: pair}, labels)
                return
            self.reader.failed(error, kinds=())
            found = {text: Unread(self.reader.advice(error)) for text, _ in batch.values()}
        self.found.update(found)
        self.sets += sum(len(sets) for sets in found.values() if not isinstance(sets, Unread))


def _batches(texts: Sequence[str]) -> list[_Batch]:
    batches: list[_Batch] = []
    size = _LONGEST
    for number, text in enumerate(texts):
        query = f'label_replace({text}, "{_NUMBER}", "{number}", "", "")'
        if size + len(query) > _LONGEST or len(batches[-1]) >= _TOGETHER:
            batches.append({})
            size = 0
        batches[-1][number] = (text, query)
        size += len(query)
    return batches


def _sets_of(body: Any, batch: Mapping[int, tuple[str, str]]) -> dict[str, Maybe[tuple[LabelSet, ...]]]:
    sets: dict[int, list[LabelSet]] = {number: [] for number in batch}
    for row in result_of(body, QUERY):
        labels = dict(row.labels("metric"))
        number = labels.pop(_NUMBER, "")
        if number.isdecimal() and int(number) in sets:
            sets[int(number)].append({label: value for label, value in labels.items() if value})
    many = Unread(f"it selects more than {_MOST_SETS:,} different sets of labels")
    return {
        text: many if len(sets[number]) > _MOST_SETS else tuple(sets[number]) for number, (text, _) in batch.items()
    }


def result_of(body: Any, action: str) -> list[Row]:
    """The series of a query's answer.

    Raises:
        ReadError: it is none.
    """
    found = body.get("data") if isinstance(body, Mapping) else None
    rows = found.get("result") if isinstance(found, Mapping) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ReadError(action, f"{action} answered without a result", "NotUnderstood")
    return [Row(row) for row in rows]
