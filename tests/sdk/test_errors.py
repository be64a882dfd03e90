"""Errors: the class by status, the message by field, and never a secret."""

from __future__ import annotations

import copy
import pickle

import pytest

from cerebro_sdk import Cerebro, errors
from tests.sdk.conftest import KEY
from tests.sdk.fake import Answer, Fake, problem
from tests.sdk.records import company

CLASSES = {
    400: errors.BadRequestError,
    401: errors.NotSignedInError,
    403: errors.ForbiddenError,
    404: errors.NotFoundError,
    405: errors.APIError,
    409: errors.ConflictError,
    412: errors.PreconditionFailedError,
    413: errors.InvalidError,
    415: errors.InvalidError,
    422: errors.InvalidError,
    429: errors.RateLimitedError,
    500: errors.ServerError,
    501: errors.ServerError,
    502: errors.UnavailableError,
    503: errors.UnavailableError,
    504: errors.UnavailableError,
}


@pytest.mark.parametrize("status", sorted(CLASSES))
def test_every_status_has_its_class(crm: Cerebro, fake: Fake, status: int) -> None:
    fake.says(problem(status, "some_code", "That is wrong."))
    with pytest.raises(errors.APIError) as caught:
        crm.with_options(max_retries=0).companies.get("x")
    error = caught.value
    assert type(error) is CLASSES[status]
    assert (error.status, error.code, error.request_id) == (status, "some_code", "req-1")
    assert str(error) == "That is wrong. [request req-1]"


def test_the_tree_is_the_one_in_the_docstring() -> None:
    drawn = errors.__doc__ or ""
    classes = [
        c for c in vars(errors).values() if isinstance(c, type) and c.__module__ == errors.__name__
    ]
    assert len(classes) == 15
    for cls in classes:
        assert issubclass(cls, errors.CerebroError)
        assert cls.__name__ in drawn


def test_names_the_fields() -> None:
    error = errors.InvalidError(
        status=422,
        problem={
            "detail": "Two fields are wrong.",
            "errors": [
                {"pointer": "#/name", "detail": "is too long."},
                {"pointer": "/external_ids/sf~1x", "code": "source"},
                {"parameter": "where", "detail": "is no filter"},
                "nonsense",
            ],
        },
        request_id="r9",
    )
    assert error.fields == ["name", "external_ids.sf/x", "where"]
    assert str(error) == (
        "Two fields are wrong: name: is too long; external_ids.sf/x: source; "
        "where: is no filter [request r9]"
    )


def test_does_not_say_it_twice_and_not_endlessly() -> None:
    told = [{"pointer": f"/f{n}", "detail": "wrong"} for n in range(9)]
    error = errors.refused("f0: wrong.", told)
    assert (
        str(error) == "f0: wrong: f1: wrong; f2: wrong; f3: wrong; f4: wrong; f5: wrong; and 3 more"
    )


def test_members_of_the_problem(crm: Cerebro, fake: Fake) -> None:
    fake.says(problem(412, "version_mismatch", current=company(3)))
    with pytest.raises(errors.PreconditionFailedError) as stale:
        crm.companies.update("x", name="y", version=1)
    assert stale.value.current == company(3)
    fake.says(problem(409, "ambiguous_reference", candidates=[{"id": "a"}]))
    with pytest.raises(errors.ConflictError) as taken:
        crm.companies.get("x")
    assert taken.value.candidates == [{"id": "a"}]
    assert taken.value.problem["code"] == "ambiguous_reference"


class TestForeignPages:
    def test_a_proxys_page_is_quoted_by_its_title(self, crm: Cerebro, fake: Fake) -> None:
        page = b"<html><head><title>504 Gateway &amp; more\x1b[2J</title></head><body>x"
        fake.says(Answer(504, page, {"Content-Type": "text/html", "X-Request-Id": "edge-7"}))
        with pytest.raises(errors.UnavailableError) as caught:
            crm.with_options(max_retries=0).companies.get("x")
        assert '504 Gateway Timeout: "504 Gateway & more [2J"' in str(caught.value)
        assert (caught.value.code, caught.value.request_id) == ("http_504", "edge-7")

    def test_plain_text(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(Answer(403, b"blocked\xff by policy"))
        with pytest.raises(errors.ForbiddenError, match="blocked"):
            crm.companies.get("x")

    def test_a_redirect_is_not_followed(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(Answer(301, b"", {"Location": "https://elsewhere.example/"}))
        with pytest.raises(errors.APIError, match=r"points to https://elsewhere\.example/"):
            crm.companies.get("x")
        assert len(fake.seen) == 1

    @pytest.mark.parametrize("body", [b"[]", b"null", b'"x"', b"{", b"\xff\xfe", b""])
    def test_no_body_breaks_it(self, crm: Cerebro, fake: Fake, body: bytes) -> None:
        fake.says(Answer(418, body))
        with pytest.raises(errors.APIError) as caught:
            crm.companies.get("x")
        assert caught.value.status == 418

    def test_members_of_the_wrong_type(self) -> None:
        said = {"detail": ["x"], "code": 3, "errors": {"a": 1}, "request_id": 5, "title": None}
        error = errors.APIError(status=599, problem=said)
        assert (error.code, error.detail, error.errors) == ("http_599", "http_599", [])

    def test_success_without_json(self, crm: Cerebro, fake: Fake) -> None:
        fake.says(Answer(200, b"<html>Sign in</html>", {"Content-Type": "text/html"}))
        with pytest.raises(errors.APIError, match="is it Cerebro") as caught:
            crm.companies.get("x")
        assert caught.value.code == "unexpected_reply"


def test_a_page_that_quotes_the_request_does_not_leak_the_key(crm: Cerebro, fake: Fake) -> None:
    fake.says(Answer(403, f"Forbidden: Authorization: Bearer {KEY}".encode()))
    with pytest.raises(errors.ForbiddenError) as caught:
        crm.companies.get("x")
    assert "s3cr3t" not in str(caught.value)
    assert "s3cr3t" not in repr(caught.value.problem)
    assert "cbr_main_k1_***" in str(caught.value)


def test_survives_pickle_and_copy() -> None:
    error = errors.from_reply(
        409, {"x-request-id": "r"}, b'{"code": "duplicate_key"}', retry_after=2
    )
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(twin) is errors.ConflictError
        assert (twin.code, twin.request_id, twin.retry_after) == ("duplicate_key", "r", 2)
        assert str(twin) == str(error)
