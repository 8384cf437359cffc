"""Dates that say themselves how they are to be read, whatever the rest of the file does: "20-SEP-26", "So 20. September
2026", "20 de septiembre de 2026", "2026年9月20日". A day beside the name of its month can be nothing else."""

import re
from datetime import date

from connectors.words.letters import folded

_MONTHS = (
    "january januar janner janvier enero gennaio janeiro januari",
    "february februar feber fevrier febrero febbraio fevereiro februari",
    "march marz mars marzo marco maart marts",
    "april avril abril aprile apr",
    "may mai mayo maggio maio mei maj",
    "june juni juin junio giugno junho",
    "july juli juillet julio luglio julho",
    "august aout agosto augustus augusti",
    "september septembre septiembre setiembre settembre setembro sept",
    "october oktober octobre octubre ottobre outubro",
    "november novembre noviembre novembro",
    "december dezember decembre diciembre dicembre dezembro desember",
)
"""In folded letters; three of them are enough where they begin the name of one month only."""
_WHOLE = (
    "stycznia ledna января январь січня січень януари ιανουαριου ιανουαριοσ ocak tammikuuta tammikuu ianuarie "
    "sijecnja sijecanj januara sausio sausis janvaris jaanuar gener",
    "lutego unora февраля февраль лютого лютии февруари φεβρουαριου φεβρουαριοσ subat helmikuuta helmikuu "
    "februarie veljace veljaca februara vasario vasaris februaris veebruar",
    "marca brezna марта март березня березень μαρτιου μαρτιοσ maaliskuuta maaliskuu marcius martie ozujka "
    "ozujak marec kovo kovas",
    "kwietnia dubna апреля апрель квітня квітень април απριλιου απριλιοσ nisan huhtikuuta huhtikuu aprilis "
    "aprilie travnja travanj aprila balandzio balandis aprill",
    "maja kvetna мая маи травня травень μαιου μαιοσ mayis toukokuuta toukokuu majus svibnja svibanj geguzes "
    "geguze maijs maig",
    "czerwca cervna июня июнь червня червень юни ιουνιου ιουνιοσ haziran kesakuuta kesakuu junius iunie lipnja "
    "lipanj juna junij birzelio birzelis junijs juuni juny",
    "lipca cervence июля июль липня липень юли ιουλιου ιουλιοσ temmuz heinakuuta heinakuu julius iulie srpnja "
    "srpanj jula julij liepos liepa julijs juuli juliol",
    "sierpnia srpna августа август серпня серпень αυγουστου αυγουστοσ agustos elokuuta elokuu augusztus "
    "kolovoza kolovoz augusta avgust rugpjucio rugpjutis augusts agust",
    "wrzesnia zari сентября сентябрь вересня вересень септември σεπτεμβριου σεπτεμβριοσ eylul syyskuuta "
    "syyskuu szeptember septembrie rujna rujan septembra rugsejo rugsejis septembris setembre",
    "pazdziernika rijna октября октябрь жовтня жовтень октомври οκτωβριου οκτωβριοσ ekim lokakuuta lokakuu "
    "octombrie oktobra spalio spalis oktobris oktoober",
    "listopadu ноября ноябрь ноември νοεμβριου νοεμβριοσ kasim marraskuuta marraskuu noiembrie studenoga "
    "studeni novembra lapkricio lapkritis novembris листопада листопад",
    "grudnia prosince декабря декабрь грудня грудень декември δεκεμβριου δεκεμβριοσ aralik joulukuuta joulukuu "
    "decembrie prosinca prosinac decembra gruodzio gruodis decembris detsember desembre",
)
"""By language, from Polish to Estonian. Listopad is November in Poland and October in Croatia: that is not guessed."""
_TIME = r"(?P<time>,?[ T]+\d{1,2}:\d\d\D{0,1}.{0,12})?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|\.|º)?"
_MONTH = r"(?P<month>[^\W\d_]{3,12})\.?"
_YEAR = r"(?P<year>\d{4}|\d\d)(?!\d)"
_SHAPES = (
    re.compile(rf"{_DAY}[ ./-]{{0,2}}(?:de |di |of )?{_MONTH}[ ,./-]{{1,2}}(?:de |del )?{_YEAR}(?: ?[гр]?\.)?{_TIME}"),
    re.compile(rf"(?P<year>\d{{4}})\.? {_MONTH} {_DAY}{_TIME}"),
    re.compile(rf"{_MONTH} {_DAY},? (?P<year>\d{{4}}){_TIME}"),
    re.compile(
        rf"(?P<year>\d{{4}})\s?[年년]\s?(?P<month>\d{{1,2}})\s?[月월]\s?(?P<day>\d{{1,2}})\s?[日일](?:\s?\(.\)|.曜日?)?{_TIME}"
    ),
    re.compile(rf"(?P<year>\d{{4}})(?P<sign>[/.])\s?(?P<month>\d{{1,2}})(?P=sign)\s?(?P<day>\d{{1,2}})\.?{_TIME}"),
    re.compile(rf"(?P<day>\d{{1,2}})\.\s?(?P<month>\d{{1,2}})\.\s?(?P<year>\d{{4}})\.?{_TIME}"),
)
_WEEKDAY = re.compile(r"[^\W\d_]{2,12}(?:-feira)?\.?,?\s+(?=\S)")
_OCLOCK = re.compile(r"(?<=\d),?(?: um| om| kl\.?)? (\d{1,2})(?:[:.](\d\d))? ?(?:Uhr|uur)", re.IGNORECASE)
"""An hour with its word: "15:00 Uhr", "om 10 uur"."""
_ZONE_BEHIND = re.compile(r"(?<=\d\d)(Z|[+-]\d\d:?\d\d)\[[\w/+-]{2,40}\]")
"""The name of the zone that Java writes behind its offset."""


def in_plain_words(text: str) -> str:
    """A cell with its day as YYYY-MM-DD, and what follows it as it stands; the cell as it is where it is written any
    other way."""
    text = " ".join(text.split())
    if (found := _OCLOCK.search(text)) is not None and found.end() == len(text):
        text = f"{text[: found.start()]} {found[1]}:{found[2] or '00'}"
    text = _ZONE_BEHIND.sub(r"\1", text)
    shortened = _WEEKDAY.sub("", text, count=1)
    for one in (text, shortened) if len(text) <= 60 else ():
        for shape in _SHAPES:
            found = shape.fullmatch(one)
            if found is not None and (day := _day_of(found)) is not None:
                return f"{day:%Y-%m-%d}{(found['time'] or '').replace(',', '', 1)}"
    return text


def _day_of(found: re.Match[str]) -> date | None:
    month = int(found["month"]) if found["month"].isdigit() else _month_of(folded(found["month"]))
    year = int(found["year"]) + (2000 if len(found["year"]) == 2 else 0)
    try:
        return date(year, month or 0, int(found["day"]))
    except ValueError:
        return None


def _month_of(word: str) -> int | None:
    several = {
        number
        for number, (names, whole) in enumerate(zip(_MONTHS, _WHOLE, strict=True), 1)
        if word in whole.split() or any(name.startswith(word) for name in names.split())
    }
    return several.pop() if len(several) == 1 else None
