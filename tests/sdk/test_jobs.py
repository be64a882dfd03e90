"""Jobs from Python."""

from __future__ import annotations

from cerebro_sdk import Cerebro
from cerebro_sdk.schemas.workspace.jobs import Job, JobStats
from tests.cli.test_jobs import ID, job
from tests.sdk.fake import Fake, ok, page


def test_are_listed_by_state_and_kind(crm: Cerebro, fake: Fake) -> None:
    fake.says(page([job()]))
    [found] = crm.jobs.list(state=["dead", "cancelled"], kind="ddl", limit=5)
    assert isinstance(found, Job)
    assert (str(found.id), found.last_error) == (ID, "no room")
    assert fake.seen[0].params == {"state": "dead,cancelled", "kind": "ddl", "limit": "5"}


def test_are_run_again_and_cancelled(crm: Cerebro, fake: Fake) -> None:
    for verb, state in (("retry", "pending"), ("cancel", "cancelled")):
        fake.says(ok(job(state=state)))
        assert getattr(crm.jobs, verb)(ID).state == state
        assert (fake.seen[-1].method, fake.seen[-1].path) == ("POST", f"/v1/jobs/{ID}/{verb}")


def test_are_read_and_counted(crm: Cerebro, fake: Fake) -> None:
    fake.says(ok(job()))
    assert crm.jobs.get("0000abcd").kind == "ddl"
    counts = [{"kind": "ddl", "state": "dead", "count": 1}]
    fake.says(ok({"due": 0, "oldest_due_seconds": None, "workers": 2, "counts": counts}))
    found = crm.jobs.stats()
    assert isinstance(found, JobStats)
    assert (found.workers, found.counts[0].count) == (2, 1)
