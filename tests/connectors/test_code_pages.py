"""Names in the code pages of the world's offices."""

import pytest

from connectors.formats.code_pages import decoded, is_known

HEAD = "booking_id,room_id,arrival,departure,name\n"


def rows(*names: str) -> str:
    return HEAD + "".join(f"{number},R1,2026-03-01,2026-03-03,{name}\n" for number, name in enumerate(names))


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("cp1252", ["Jürgen Müller", "François Lefèvre", "José Núñez", "Søren Ørsted", "Åsa Öberg"]),
        ("cp1252", ["João Gonçalves"]),
        ("cp1250", ["Jiří Novák"]),
        ("cp1250", ["Łukasz Wiśniewski", "Małgorzata Dąbrowska"]),
        ("cp1250", ["Božidar Čović"]),
        ("iso8859_2", ["Štěpán Dvořák"]),
        ("cp1251", ["Иван Петров"]),
        ("cp1253", ["Γιώργος Παπαδόπουλος"]),
        ("cp1254", ["Şükrü Yılmaz"]),
        ("cp1254", ["Gülşah Yıldız", "İbrahim Çağlar", "Ayşe Öztürk"]),
        ("cp1255", ["יוסי כהן", "רחל לוי", "דוד מזרחי"]),
        ("cp1256", ["محمد علي", "فاطمة حسن"]),
        ("koi8_r", ["Иван Петров", "Ольга Щербакова", "Юрий Жуков"]),
        ("koi8_u", ["Їжак Ґедзь", "Євген Іваненко", "Олена"]),
        ("iso8859_5", ["Иван Петров", "Ольга Щербакова", "Юрий Жуков"]),
        ("mac_cyrillic", ["Иван Петров", "Ольга Щербакова", "Юрий Жуков"]),
        ("iso2022_jp", ["山田太郎", "佐藤花子"]),
        ("cp1257", ["Jānis Bērziņš"]),
        ("cp850", ["Jürgen Müller"]),
        ("shift_jis", ["山田太郎"]),
        ("gb18030", ["王小明"]),
        ("big5", ["陳大文"]),
        ("euc_kr", ["김철수"]),
    ],
)
def test_names_are_read_in_the_code_page_in_which_they_are_names(encoding: str, names: list[str]) -> None:
    text, guessed = decoded(rows(*names).encode(encoding))
    assert text == rows(*names)
    assert guessed


@pytest.mark.parametrize(
    ("country", "name"),
    [("CN", "李华"), ("IL", "דוד כהן"), ("HU", "Győző Szűcs"), ("RU", "Анна"), ("JP", "山田太郎"), ("JP", "鈴木一郎")],
)
def test_where_a_text_comes_from_decides_what_letters_leave_open(country: str, name: str) -> None:
    encoding = {"CN": "gb18030", "IL": "cp1255", "HU": "cp1250", "RU": "cp1251", "JP": "euc_jp"}[country]
    assert decoded(rows(name).encode(encoding), country=country)[0] == rows(name)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_is_no_guess(encoding: str) -> None:
    assert decoded(rows("Jiří", "山田").encode(encoding), "cp1252") == (rows("Jiří", "山田"), "")


def test_unicode_of_two_bytes_without_a_mark_is_seen_though_few_of_its_letters_are_plain() -> None:
    for encoding in ("utf-16-le", "utf-16-be"):
        text = rows("Ольга Щербакова-Иваненко", "Юрий Жуков", "Їжак Ґедзь")
        assert decoded(text.encode(encoding)) == (text, "")


def test_what_is_said_of_the_bytes_counts_where_they_can_be_that() -> None:
    content = rows("Jiří").encode("cp1250")
    assert decoded(content, "windows-1250") == (rows("Jiří"), "cp1250")
    assert decoded(content, "no such page")[0] == rows("Jiří")
    assert decoded(content, "ascii")[0] == rows("Jiří")


def test_a_broken_byte_in_unicode_does_not_make_it_another_code_page() -> None:
    content = rows("Jiří", "Łukasz").encode().replace(b"R1", b"R\xff", 1)
    text, guessed = decoded(content)
    assert ("Łukasz" in text, guessed) == (True, "UTF-8 with broken letters")


@pytest.mark.parametrize(("name", "known"), [("cp1250", True), ("hex", False), ("x y", False), ("\0", False)])
def test_only_code_pages_are_code_pages(name: str, known: bool) -> None:
    assert is_known(name) is known
