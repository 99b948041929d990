"""What undoing one change does to a person, decided from three versions of the person."""

import pytest

from bot.directory.history.blame import DESCRIPTION, PRESENCE
from bot.directory.history.undo_decision import ConflictKind, Decision, UndoConflict, decide
from bot.person import Person, Value


def ada(description: str = "poet", **attributes: Value) -> Person:
    return Person("Ada", description, attributes)


@pytest.mark.parametrize(
    ("old", "new", "now", "target"),
    [
        (None, ada(), ada(), None),
        (ada(), None, None, ada()),
        (ada(born=1), ada(born=2), ada(born=2), ada(born=1)),
        (ada(), ada(born=2), ada(born=2, died=3), ada(died=3)),
        (ada(born=1), ada(), ada(), ada(born=1)),
        (ada("poet"), ada("writer"), ada("writer", born=1), ada("poet", born=1)),
        (ada(born=1), ada(born=2), ada(born=1), ada(born=1)),
        (None, ada(), None, None),
    ],
)
def test_what_was_not_changed_since_is_put_back(
    old: Person | None, new: Person | None, now: Person | None, target: Person | None
):
    assert decide(old, new, now, None) == Decision(target)


@pytest.mark.parametrize(
    ("old", "new", "now", "target", "kind", "attributes"),
    [
        (
            ada("poet", born=1, died=3),
            ada("writer", born=2, died=4),
            ada("painter", born=9, died=4),
            ada("painter", born=9, died=3),
            ConflictKind.VALUES_CHANGED,
            ["born", DESCRIPTION],
        ),
        (
            None,
            ada("poet", born=1),
            ada("painter", born=2),
            ada("painter", born=2),
            ConflictKind.ADDED_PERSON_CHANGED,
            ["born", DESCRIPTION],
        ),
        (ada(), None, ada("painter"), ada("painter"), ConflictKind.EXISTS_AGAIN, [PRESENCE]),
        (ada(born=1), ada(born=2), None, None, ConflictKind.REMOVED, [PRESENCE]),
    ],
)
def test_what_was_changed_since_is_kept_and_reported(
    old: Person | None,
    new: Person | None,
    now: Person | None,
    target: Person | None,
    kind: ConflictKind,
    attributes: list[str],
):
    assert decide(old, new, now, None) == Decision(target, UndoConflict(kind, attributes))


def test_a_value_that_an_earlier_change_of_the_operation_made_is_no_conflict():
    later = decide(ada(born=2), ada(born=3, died=9), ada(born=8, died=8), None)
    assert later.conflict
    assert [*later.conflict.attributes] == ["born", "died"]
    earlier = decide(ada(born=1), ada(born=8), ada(born=8, died=8), later.conflict)
    assert earlier == Decision(
        ada(born=1, died=8), UndoConflict(ConflictKind.VALUES_CHANGED, ["died"])
    )
