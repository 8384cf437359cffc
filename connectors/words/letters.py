"""Words without what makes no difference between them."""

import re
import unicodedata

_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"})


def folded(text: str) -> str:
    """Words without what makes no difference: letter case, accents, signs, white space."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("’", "").replace("'", "").translate(_LETTERS))
    return " ".join(re.findall(r"[^\W_]+", "".join(one for one in plain if not unicodedata.combining(one))))
