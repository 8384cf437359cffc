"""Spellings of one name come out alike, and those of two names do not."""

import pytest

from connectors.spellings import spellings
from connectors.stays.who import who


@pytest.mark.parametrize(
    "several",
    [
        ("Müller", "Mueller", "Muller", "MÜLLER", "Mu\u0308ller"),
        ("Weiß", "Weiss"),
        ("Sørensen", "Soerensen", "Sorensen"),
        ("Đokić", "Djokic", "Dokic"),
        ("Þórður Ægisson", "Thordur Aegisson"),
        ("İbrahim Yılmaz", "Ibrahim Yilmaz"),
        ("Наталья", "Natalia", "Natalya", "Natal'ya"),
        ("Юлия", "Yulia", "Iuliia", "Julija", "Yuliya"),
        ("Щербакова", "Shcherbakova", "Scherbakova"),
        ("Соловьёв", "Solovyov", "Soloviev", "Solovyev"),
        ("Дмитрий", "Dmitriy", "Dmitry", "Dmitrij"),
        ("Νικολάου", "Nikolaou"),
        ("王伟", "Wang Wei"),
        ("Familie Weber", "Fam. Weber", "Weber"),
    ],
)
def test_spellings_of_one_name_are_alike(several: tuple[str, ...]) -> None:
    assert len({tuple(spellings(one)) for one in several}) == 1, [spellings(one) for one in several]


def test_names_that_only_look_alike_stay_apart() -> None:
    names = [
        "Jan",
        "Jana",
        "Hana",
        "Maria",
        "Mario",
        "Marie",
        "Müller",
        "Möller",
        "Weber",
        "Wagner",
        "Guest 1",
        "Guest 2",
    ]
    assert len({tuple(spellings(one)) for one in names}) == len(names)


def test_a_name_without_letters_has_no_spelling_and_a_family_is_called_something() -> None:
    assert (spellings("?!"), spellings(""), spellings("Familie")) == ([], [], ["familie"])


def test_who_was_remembered_before_spellings_were_is_told_by_her_words_alone() -> None:
    before = who("Jürgen Müller")
    object.__setattr__(before, "spelled", frozenset())
    assert not before.is_another(who("jurgen muller"))
    assert before.is_another(who("Ben Meyer"))
    assert before == who("Jürgen Müller")
