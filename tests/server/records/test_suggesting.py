"""What the columns of a file probably are: by names in many languages, and by values."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from cerebro_server.components.contacts.records import companies as company_type
from cerebro_server.components.contacts.records import contacts as contact_type
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.records.importing.choosing import map_columns
from tests.server.operations.doing import ask, imported, plan, uploaded

from .files import CONTACTS, contacts
from .files import imported as at_once

MAIL = "emails[1].address"
PEOPLE = ["last_name", "first_name", MAIL, "phone", "city", "company"]
HEADERS = {
    "German": "Nachname,Vorname,E-Mail-Adresse,Telefon,Ort,Firma",
    "German, names by themselves": "Name,Vorname,E-Mail,Telefonnummer,Stadt,Unternehmen",
    "French": "Nom,Prénom,Courriel,Téléphone,Ville,Société",
    "Spanish": "Apellidos,Nombre,Correo electrónico,Teléfono,Ciudad,Empresa",
    "Portuguese": "Sobrenome,Nome,E-mail,Telefone,Cidade,Empresa",
    "Italian": "Cognome,Nome,Posta elettronica,Telefono,Città,Azienda",
    "Dutch": "Achternaam,Voornaam,E-mailadres,Telefoon,Plaats,Bedrijf",
    "Polish": "Nazwisko,Imię,Adres e-mail,Telefon,Miasto,Firma",
    "Swedish": "Efternamn,Förnamn,E-post,Telefon,Ort,Företag",
    "Danish": "Efternavn,Fornavn,E-mail,Telefon,By,Virksomhed",
    "Norwegian": "Etternavn,Fornavn,E-post,Telefon,Poststed,Bedrift",
    "Czech": "Příjmení,Jméno,E-mail,Telefon,Město,Společnost",
    "Turkish": "Soyadı,Adı,E-posta,Telefon,Şehir,Şirket",
    "Russian": "Фамилия,Имя,Почта,Телефон,Город,Компания",
    "Japanese": "姓,名,メールアドレス,電話番号,市区町村,会社名",
    "Chinese": "姓,名,邮箱,电话,城市,公司",
    "without accents": "Nom,Prenom,Courriel,Telephone,Ville,Societe",
}


def fields(header: str, *rows: str, of: RecordType = contact_type) -> list[str | None]:
    found = map_columns(of, header.split(","), sample=[row.split(",") for row in rows]).fields
    return [found.get(index) for index, _ in enumerate(header.split(","))]


def doubts(header: str, *rows: str) -> dict[str, tuple[str, str]]:
    """Return what columns are left out that may be something: what, and why."""
    mapping = map_columns(contact_type, header.split(","), sample=[r.split(",") for r in rows])
    return {
        each.column: (each.candidates[0].field, each.candidates[0].reason)
        for each in mapping.columns(header.split(","), most=100)
        if each.field is None
    }


@pytest.mark.parametrize("language", HEADERS)
def test_people_are_found_in(language: str) -> None:
    # our own name of it is the short form
    assert [MAIL if field == "email" else field for field in fields(HEADERS[language])] == PEOPLE


def test_companies_are_found_in_other_languages() -> None:
    assert fields("Firma,Webseite,Branche,Mitarbeiter,Umsatz,PLZ,Land", of=company_type) == [
        *("name", "website", "industry", "employees", "annual_revenue", "postal_code", "country")
    ]


def test_one_name_alone_is_the_whole_one() -> None:
    assert fields("Nom,Courriel") == ["full_name", MAIL]
    assert fields("氏名,メール") == ["full_name", MAIL]


def test_lists_are_filled_by_number_and_kind() -> None:
    assert fields("Nachname,E-Mail,E-Mail 2,Telefon,Handy,Telefon 2") == [
        *("last_name", "emails[1].address", "emails[2].address", "phones[1].number"),
        *("phones[2:mobile].number", "phones[3].number"),
    ]


def test_of_two_columns_for_a_field_the_better_has_it_and_the_other_is_named() -> None:
    header = "Last name,E-Mail,Mail,Name"
    assert fields(header) == ["last_name", "email", None, None]
    found = doubts(header)
    assert found["Mail"] == ("emails[2].address", "English for emails[1]; one more of them")
    assert "'Last name' has that field" in found["Name"][1]


def test_values_of_another_kind_make_a_word_doubtful_and_ours_never() -> None:
    header, row = "Nachname,Vorname,Ort,Geburtsdatum,Birthday", "A,B,Bonn,31.01.1990,yesterday"
    assert fields(header, row) == ["last_name", "first_name", "city", None, "birthday"]
    header = "Nachname,Geburtsdatum"
    assert fields(header, "A,1990-01-31") == ["last_name", "birthday"]
    assert "are no dates" in doubts(header, "A,31.01.1990")["Geburtsdatum"][1]


def test_a_word_of_a_language_that_the_file_is_not_in_is_doubtful() -> None:
    found = doubts("Nachname,Vorname,Strasse,PLZ,Titel")
    assert found["Titel"] == (
        "job_title",
        "Swedish, Danish for job_title, but the file is in German",
    )


def test_guesses_by_pieces_spelling_and_values_are_named_and_not_taken() -> None:
    header = "Last name,Customer city,Pohne,x1,x2,x3"
    row = "A,Bonn,030 123456,ada@x.example,https://x.example,DE"
    assert fields(header, row) == ["last_name", None, None, None, None, None]
    found = {column: field for column, (field, _) in doubts(header, row).items()}
    assert found == {
        "Customer city": "city",
        "Pohne": "phone",
        "x1": "email",
        "x2": "website",
        "x3": "country",
    }


class TestOverTheApi:
    FILE = "Nachname;Vorname;Ort;Titel;Mail;Rang;Konto\nLovelace;Ada;Rom;Dr.;a@x.example;gold;=1\n"

    async def suggest(self, api: httpx.AsyncClient, code: int = 200, **asked: Any) -> Any:
        upload = await uploaded(api, asked.pop("file", self.FILE))
        body = {"noun": "contacts", **asked}
        return await ask(api, f"/v1/uploads/{upload}/mapping", body, code)

    async def test_tells_every_column_and_writes_nothing(self, api: httpx.AsyncClient) -> None:
        field = {"record_type": "contacts", "key": "tier", "label": "Rang", "type": "text"}
        await ask(api, "/v1/fields", field, 201)
        found = await self.suggest(api)
        assert (found["delimiter"], found["key"], found["preset"]) == (";", "email", None)
        told = {each["column"]: each for each in found["columns"]}
        assert {name: each["field"] for name, each in told.items()} == {
            "Nachname": "last_name",
            "Vorname": "first_name",
            "Ort": "city",
            "Titel": None,
            "Mail": MAIL,
            "Rang": "custom.tier",
            "Konto": None,
        }
        assert told["Rang"]["reason"] == "a custom field's label"
        assert told["Titel"]["option"] == "--map Titel=job_title"
        assert (told["Nachname"]["samples"], told["Konto"]["candidates"]) == (["Lovelace"], [])
        assert await contacts(api) == []

    async def test_is_what_an_import_takes(self, api: httpx.AsyncClient) -> None:
        found = await self.suggest(api, map={"Titel": "job_title", "Mail": None})
        asked = {"upload_id": await uploaded(api, self.FILE)}
        op = await plan(api, "contacts.import", **asked, map={"Titel": "job_title", "Mail": None})
        taken = {each["column"]: each["field"] for each in found["columns"] if each["field"]}
        assert op["report"]["mapping"] == taken
        told = {each["column"]: each["reason"] for each in op["report"]["columns"]}
        assert told["Titel"] == "as you said"
        assert "Lovelace" not in str(op["report"])  # what is forgotten leaves no values behind

    async def test_is_kept_listed_used_and_deleted(self, api: httpx.AsyncClient) -> None:
        name = "fair/2026 é"
        await self.suggest(api, map={"Titel": "job_title"}, key="email", save_mapping=name)
        reply = await api.get("/v1/mappings", params={"noun": "contacts"})
        [saved] = reply.json()["items"]
        assert (saved["name"], saved["key"], saved["columns"]["Konto"]) == (name, "email", None)
        url = f"/v1/mappings/contacts/{name}"
        assert (await api.get(url)).json() == saved
        op = await imported(api, "contacts", self.FILE, mapping=name)
        assert op["report"]["mapping"]["Titel"] == "job_title"
        assert (await api.delete(url)).json() == saved
        gone = await api.get(url)
        assert (gone.status_code, "none yet" in gone.json()["detail"]) == (404, True)

    @pytest.mark.parametrize(
        ("asked", "said"),
        [
            ({"noun": "fields"}, "contacts"),
            ({"noun": "contcts"}, "contacts"),
            ({"preset": "sap"}, "pipedrive"),
            ({"map": {"Ort": "citty"}}, "city"),
            ({"mapping": "none"}, "none yet"),
            ({"file": "x\n1\n"}, "No column fits"),
            ({"file": ""}, "empty"),
            ({"format": "pdf"}, "csv"),
        ],
    )
    async def test_says_what_is_wrong(
        self, api: httpx.AsyncClient, asked: dict[str, Any], said: str
    ) -> None:
        problem = await self.suggest(api, 422, **asked)
        assert said in str(problem), problem

    async def test_of_an_upload_that_is_not_there(self, api: httpx.AsyncClient) -> None:
        url = "/v1/uploads/01900000-0000-7000-8000-000000000001/mapping"
        await ask(api, url, {"noun": "contacts"}, 404)

    async def test_a_file_of_a_preset_finds_custom_fields_too(self, api: httpx.AsyncClient) -> None:
        field = {"record_type": "contacts", "key": "lead_status", "type": "text"}
        await ask(api, "/v1/fields", field, 201)
        content = "Record ID,First Name,Last Name,Lead Status\n1,Ada,Lovelace,NEW\n"
        report = await at_once(api, content, url=CONTACTS)
        assert report["mapping"]["Lead Status"] == "custom.lead_status"
        assert (await contacts(api))[0]["custom"] == {"lead_status": "NEW"}
