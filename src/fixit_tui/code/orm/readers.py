"""Which data layer reads which method, and all their calls of one module."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from fixit_tui.code.chains import Chain, chain_of, continued, holder
from fixit_tui.code.draft import Draft
from fixit_tui.code.module import Module, call_of
from fixit_tui.code.orm import drizzle, knex, kysely, objection, prisma, sequelize, typeorm
from fixit_tui.code.values import Values

Reader = Callable[[Values, Chain], Iterator[Draft]]
_READERS: Sequence[tuple[frozenset[str], Reader]] = (
    (drizzle.METHODS, drizzle.read),
    (prisma.METHODS, prisma.read),
    (kysely.METHODS, kysely.read),
    (knex.METHODS, knex.read),
    (objection.METHODS, objection.read),
    (typeorm.METHODS, typeorm.read),
    (sequelize.METHODS, sequelize.read),
)

_BY_METHOD: Mapping[str, list[Reader]] = {
    name: [read for methods, read in _READERS if name in methods]
    for name in sorted({name for methods, _ in _READERS for name in methods})
}
_MEMBERS = f"^({'|'.join(name.replace('$', chr(92) + '$') for name in _BY_METHOD)})$"


def builder_drafts(values: Values, module: Module) -> Iterator[Draft]:
    """Every call of such a library that is written down in a module."""
    for name in module.root.find_all(kind="property_identifier", regex=_MEMBERS):
        member = name.parent()
        call = None if member is None else call_of(member)
        if call is None or member is None or member.field("property") != name:
            continue
        chain = chain_of(module, call)
        if chain.outer.node.find(kind="ERROR") is not None:
            continue
        if holder(chain.outer.node) is not None:
            chain = continued(chain, values.project.scopes(module))
        for read in _BY_METHOD[name.text()]:
            drafts = list(read(values, chain))
            yield from drafts
            if drafts:
                break
