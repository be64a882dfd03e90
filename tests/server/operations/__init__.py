"""Operations: plan, apply, undo."""
