"""What columns are called in English, German, Dutch, Swedish, Danish and Norwegian."""

WORDS = {
    "English": """
first_name: Given name, Forename, Christian name, First
last_name: Family name, Surname, Second name, Last
full_name: Contact, Contact name, Person, Person name, Customer name, Display name
email: E-mail address, Mail, Mail address, Primary e-mail, Main e-mail, Work e-mail, Business e-mail
emails[2:home]: Private e-mail, Personal e-mail, Home e-mail, Second e-mail, Secondary e-mail
phone: Phone number, Telephone, Telephone number, Tel, Work phone, Business phone, Office phone
phones[2:mobile]: Mobile, Mobile phone, Mobile number, Cell, Cell phone, Cellphone
phones[3:home]: Home phone, Private phone
street: Address, Street address, Address line 1, Mailing street, Billing street
city: Town, Locality, Mailing city, Billing city
state: Region, Province, County, State/Region, State/Province, Mailing state, Billing state
postal_code: Postcode, Post code, ZIP, ZIP code, ZIP/Postal code, Mailing ZIP, Billing ZIP
country: Country/Region, Country name, Nation, Mailing country, Billing country
company: Company name, Organization name, Organisation name, Firm, Business name
company.domain: Company domain, Company domain name
job_title: Title, Position, Job position, Function, Role, Occupation
department: Division, Dept
website: Web site, Web page, Homepage, URL, Web address
birthday: Date of birth, Birth date, Birthdate, DOB
description: Notes, Note, Comment, Comments, Remarks
tags: Labels, Categories, Keywords
source: Lead source, Original source
domain: Domain name, Company domain, Company domain name
industry: Sector, Line of business
employees: Number of employees, Employee count, Headcount, Company size
annual_revenue: Revenue, Turnover, Yearly revenue, Annual turnover, Sales volume
parent: Parent company name, Parent account, Holding
""",
    "German": """
first_name: Vorname, Rufname
last_name: Nachname, Familienname, Zuname, Name
full_name: Vollständiger Name, Ansprechpartner, Ansprechpartnerin, Kontakt, Kontaktperson
email: E-Mail-Adresse, Mailadresse, E-Mail geschäftlich, Geschäftliche E-Mail
emails[2:home]: E-Mail privat, Private E-Mail
phone: Telefon, Telefonnummer, Tel.-Nr., Rufnummer, Festnetz, Telefon geschäftlich
phones[2:mobile]: Mobil, Mobiltelefon, Mobilnummer, Handy, Handynummer
phones[3:home]: Telefon privat, Private Telefonnummer
street: Straße, Strasse, Straße und Hausnummer, Straße Hausnummer, Anschrift, Adresse
city: Ort, Stadt, Wohnort
state: Bundesland, Kanton
postal_code: PLZ, Postleitzahl
country: Land, Staat
company: Firma, Unternehmen, Firmenname, Unternehmensname, Organisation, Arbeitgeber
job_title: Position, Funktion, Berufsbezeichnung, Stelle, Jobtitel, Beruf
department: Abteilung
website: Webseite, Internetseite, Internet, Homepage
birthday: Geburtstag, Geburtsdatum
description: Notiz, Notizen, Bemerkung, Bemerkungen, Anmerkung, Beschreibung, Kommentar
tags: Schlagworte, Schlagwörter, Stichworte, Kategorien
source: Quelle, Herkunft
domain: Domäne
industry: Branche, Wirtschaftszweig
employees: Mitarbeiter, Mitarbeiterzahl, Anzahl Mitarbeiter, Beschäftigte
annual_revenue: Umsatz, Jahresumsatz
parent: Muttergesellschaft, Mutterunternehmen, Konzern
""",
    "Dutch": """
first_name: Voornaam, Roepnaam
last_name: Achternaam, Familienaam
full_name: Naam, Volledige naam, Contactpersoon
email: E-mailadres
phone: Telefoon, Telefoonnummer
phones[2:mobile]: Mobiel, Mobiele telefoon, Mobiel nummer, GSM
street: Straat, Adres, Straat en huisnummer
city: Plaats, Stad, Woonplaats
state: Provincie
postal_code: Postcode
country: Land
company: Bedrijf, Bedrijfsnaam, Organisatie, Onderneming, Werkgever
job_title: Functie, Functietitel
department: Afdeling
website: Webpagina
birthday: Geboortedatum, Verjaardag
description: Omschrijving, Opmerking, Opmerkingen, Notities
tags: Labels, Trefwoorden
source: Bron
domain: Domein
industry: Branche, Bedrijfstak
employees: Medewerkers, Aantal medewerkers, Werknemers
annual_revenue: Omzet, Jaaromzet
parent: Moederbedrijf
""",
    "Swedish": """
first_name: Förnamn
last_name: Efternamn
full_name: Namn, Kontaktperson
email: E-post, E-postadress, Epost
phone: Telefon, Telefonnummer
phones[2:mobile]: Mobil, Mobiltelefon, Mobilnummer
street: Gata, Gatuadress, Adress
city: Ort, Stad, Postort
state: Län
postal_code: Postnummer
country: Land
company: Företag, Företagsnamn, Bolag, Arbetsgivare
job_title: Titel, Befattning, Roll
department: Avdelning
website: Webbplats, Hemsida, Webbsida
birthday: Födelsedatum, Födelsedag
description: Beskrivning, Anteckningar, Kommentar
tags: Taggar, Etiketter
source: Källa
domain: Domän
industry: Bransch
employees: Anställda, Antal anställda
annual_revenue: Omsättning, Årsomsättning
parent: Moderbolag
""",
    "Danish": """
first_name: Fornavn
last_name: Efternavn
full_name: Navn, Kontaktperson
email: E-mailadresse, E-post
phone: Telefon, Telefonnummer, Tlf
phones[2:mobile]: Mobil, Mobiltelefon, Mobilnummer
street: Gade, Vej, Adresse
city: By
postal_code: Postnummer, Postnr
country: Land
company: Firma, Virksomhed, Firmanavn, Virksomhedsnavn
job_title: Titel, Stilling, Jobtitel
department: Afdeling
website: Hjemmeside, Websted
birthday: Fødselsdato, Fødselsdag
description: Beskrivelse, Noter, Bemærkninger
source: Kilde
domain: Domæne
industry: Branche
employees: Ansatte, Antal ansatte, Medarbejdere
annual_revenue: Omsætning, Årlig omsætning
parent: Moderselskab
""",
    "Norwegian": """
first_name: Fornavn
last_name: Etternavn
full_name: Navn, Kontaktperson
email: E-post, E-postadresse, Epost
phone: Telefon, Telefonnummer, Tlf
phones[2:mobile]: Mobil, Mobiltelefon, Mobilnummer
street: Gate, Gateadresse, Adresse
city: By, Sted, Poststed
state: Fylke
postal_code: Postnummer, Postnr
country: Land
company: Firma, Bedrift, Selskap, Firmanavn, Bedriftsnavn, Arbeidsgiver
job_title: Tittel, Stilling, Stillingstittel
department: Avdeling
website: Nettside, Nettsted, Hjemmeside
birthday: Fødselsdato, Fødselsdag, Bursdag
description: Beskrivelse, Notater, Merknader
source: Kilde
domain: Domene
industry: Bransje
employees: Ansatte, Antall ansatte
annual_revenue: Omsetning, Årsomsetning
parent: Morselskap
""",
}
