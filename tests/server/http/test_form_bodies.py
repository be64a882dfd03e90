"""What browsers send as forms: read as it was meant, and no bytes are more than a refusal."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cerebro_server.kernel.errors import BadRequest, Problem, ValidationFailed
from cerebro_server.kernel.http.forms import MOST_FIELDS, MULTIPART, URLENCODED, fields

BOUNDARY = "----WebKitFormBoundary7MA4YWxkTrZu0gW"
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters='"\\\r\n'), max_size=20)
PIECES = st.sampled_from(
    [
        *(b"--x", b"--x--", b"\r\n", b"\r\n\r\n", b"--", b"x", b"\xff", b"\0", b"%", b"&", b"="),
        *(b"Content-Disposition: form-data", b'; name="a"', b'; filename="', b'"', b"\\", b";"),
        *(b"; filename*=utf-8''a", b"Content-Type: multipart/mixed; boundary=x", b"%ED%A0%80"),
    ]
)


def multipart(pairs: list[tuple[str, str]]) -> bytes:
    """Write a form as browsers do."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in pairs
    ]
    return f"{''.join(parts)}--{BOUNDARY}--\r\n".encode()


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(NAMES, TEXTS), max_size=8))
@example([("a", "\r\n--"), ("a", ""), ("b", "--x\r\n"), ("c", "\r\n\r\n")])
def test_both_encodings_say_what_was_filled_in(pairs: list[tuple[str, str]]) -> None:
    assert fields(URLENCODED, urlencode(pairs).encode()) == pairs
    assert fields(f'{MULTIPART}; boundary="{BOUNDARY}"', multipart(pairs)) == pairs
    assert fields(f"Multipart/Form-Data;boundary={BOUNDARY} ; x=y", multipart(pairs)) == pairs


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(
        [URLENCODED, MULTIPART, f"{MULTIPART}; boundary=x", f'{MULTIPART}; boundary="']
    ),
    st.one_of(st.binary(max_size=200), st.lists(PIECES, max_size=40).map(b"".join)),
)
def test_bytes_of_any_kind_are_read_or_refused(kind: str, body: bytes) -> None:
    try:
        found = fields(kind, body)
    except Problem as problem:
        assert problem.status in (400, 422) and problem.detail
        return
    assert len(found) <= MOST_FIELDS
    for name, value in found:
        (name + value).encode()  # no half of a character


def test_limits_and_files() -> None:
    many = [("a", "b")] * MOST_FIELDS
    both = ((URLENCODED, urlencode), (f"{MULTIPART}; boundary={BOUNDARY}", multipart))
    for kind, write in both:
        body = write(many)
        assert fields(kind, body if isinstance(body, bytes) else body.encode()) == many
        body = write([*many, ("a", "b")])
        with pytest.raises(BadRequest, match="at most 200 fields"):
            fields(kind, body if isinstance(body, bytes) else body.encode())
    head = b'--x\r\nContent-Disposition: form-data; name="cv/1"; filename="%s"\r\n\r\n%s\r\n--x--'
    for name, content in ((b"a.pdf", b""), (b"", b"PDF"), (b"a.pdf", b"PDF")):
        with pytest.raises(ValidationFailed, match="no files") as caught:
            fields(f"{MULTIPART}; boundary=x", head % (name, content))
        assert caught.value.errors[0]["pointer"] == "/cv~11"
    assert fields(f"{MULTIPART}; boundary=x", head % (b"", b"")) == []
    # a form within a form is a text, however deep
    deep = b"Content-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\n" * 20_000
    kept = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + deep + b"\r\n--x--"
    assert fields(f"{MULTIPART}; boundary=x", kept) == [("a", deep.decode())]
