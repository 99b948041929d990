"""What was changed, and what is taken back."""

DESCRIBED = "description"


def from_to(field: str, before: str, after: str) -> str:
    return f"{field} {before} → {after}".strip()
