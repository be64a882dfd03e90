"""Operations: whatever touches many records is planned, applied and taken back here."""
