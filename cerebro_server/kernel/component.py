"""The manifest that every component fills in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel

from cerebro_server.kernel.db import Workspace
from cerebro_server.kernel.fields import ManyVerb, RecordType
from cerebro_server.kernel.http.auth import Authenticate
from cerebro_server.kernel.http.routing import Router
from cerebro_server.kernel.journal.subscriber import Subscriber
from cerebro_server.kernel.worker import Handler, Recall, Schedule


@dataclass(frozen=True)
class Component:
    """What a component brings."""

    name: str
    record_types: Sequence[RecordType] = ()
    """Its nouns; each gets its routes, permissions, events and journal from the kernel."""
    routers: Sequence[Router] = ()
    """Routes of its own verbs."""
    first_routers: Sequence[Router] = ()
    """The same where a record's own routes would take their paths: these are asked before."""
    tables: Sequence[str] = ()
    """Writable tables that are no records."""
    insert_only: Sequence[str] = ()
    """Tables that a workspace's role may add to, and not even read."""
    replies: Sequence[type[BaseModel]] = ()
    """Wire schemas that its own routes answer with."""
    paged: Sequence[type[BaseModel]] = ()
    """Those of them that are listed in pages."""
    payloads: Sequence[type[BaseModel]] = ()
    """Wire schemas that its own routes take."""
    verbs_of_many: Mapping[str, ManyVerb] = field(default_factory=dict)
    """Its own kinds of operations, `leads.convert`: what they plan, the kernel applies."""
    permissions: Mapping[str, str] = field(default_factory=dict)
    """Permissions of its own routes that are no record type's, each with its sentence."""
    derived: Callable[[Workspace, str | None], list[str]] | None = None
    """More of what follows from the code in each workspace's schema (triggers), as statements; gets
    the role that owns functions."""
    in_base: str | None = None
    """A query for what of a workspace is kept in the base currency and would be wrong in another,
    a row for each, in words; run with its schema as search path."""
    jobs: Mapping[str, Handler] = field(default_factory=dict)
    """What runs the jobs of each kind."""
    owner_jobs: Mapping[str, Handler] = field(default_factory=dict)
    """The same for kinds that need the owner's database login, which not every worker has."""
    subscribers: Sequence[Subscriber] = ()
    """Who wants to know of changes, and which jobs they lead to."""
    schedules: Sequence[Schedule] = ()
    """Jobs that every workspace has run at certain times."""
    recall: Recall | None = None
    """Turns the tags of whoever asked for a job into the actor; one component brings it."""
    sign_in: Callable[[], Authenticate] | None = None
    """Makes what turns a token into an actor; one component brings it."""
