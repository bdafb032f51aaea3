"""Legal forms of organisations: newspapers print them or leave them out."""

from __future__ import annotations

from monitor.text import fold

_BEHIND = """
company; joint stock company; public joint stock company; open joint stock company
closed joint stock company; limited liability partnership; limited liability company
public limited company; public company limited; company limited; private limited; limited
incorporated; corporation; aktiengesellschaft; akciova spolecnost; anonim sirketi
jsc; pjsc; ojsc; cjsc; njsc; ncjsc; llp; llc; lp; ltd; co ltd; pvt ltd; pte ltd; pty ltd
inc; corp; co; plc; gmbh; gmbh & co kg; mbh; kg; ag; ug; e v; se; kgaa; ohg; a g; s e
sa; s a; sas; s a s; sarl; sca; spa; s p a; srl; s r l; sl; s l; bv; b v; nv; n v; bvba; sprl
ab; oy; oyj; asa; aps; a s; as; sro; s r o; sp z o o; kft; zrt; nyrt; doo; d o o; kk; k k
"""
_EITHER = """
jsc; pjsc; ojsc; cjsc; njsc; llp; llc; ooo; oao; zao; pao; too; tov; ao; ojsc; pt; tdk
ао; оао; зао; пао; нао; ооо; тоо; нпо; ип; фгуп; гуп; гкп; ргп; тов; пат; прат; даат; ат
акционерное общество; публичное акционерное общество; открытое акционерное общество
товарищество с ограниченной ответственностью; общество с ограниченной ответственностью
национальная компания; ао нк; нк; жшс; ақ; қеақ; шжқ; ұк
акционерлік қоғамы; жауапкершілігі шектеулі серіктестігі
"""
Form = tuple[str, ...]


def _forms(*tables: str) -> dict[str, list[Form]]:
    """By their last word, the longest first."""
    forms = {
        tuple(fold(form).split())
        for table in tables
        for line in table.splitlines()
        for form in line.split(";")
        if form.strip()
    }
    found: dict[str, list[Form]] = {}
    for form in sorted(forms, key=lambda each: (-len(each), each)):
        found.setdefault(form[-1], []).append(form)
    return found


_LAST = _forms(_BEHIND, _EITHER)
_FIRST = [form for forms in _forms(_EITHER).values() for form in forms]


def without_legal_form(words: Form) -> Form:
    """The folded words of a name without the legal forms at its ends.

    ``kazmunaygas jsc`` and ``jsc kazmunaygas`` as ``kazmunaygas``. Dots and commas do not count.
    What would leave nothing that tells (less than three letters) stays.
    """
    while True:
        shorter = _shorter(words)
        if shorter is None or sum(map(len, shorter)) < 3:
            return words
        words = shorter


def _shorter(words: Form) -> Form | None:
    """Without one legal form, behind or before the name."""
    bare = tuple(word.replace(".", "").strip(",") for word in words)
    for form in _LAST.get(bare[-1], ()):
        if len(form) < len(bare) and bare[-len(form) :] == form:
            rest = words[: -len(form)]
            return (*rest[:-1], rest[-1].rstrip(",")) if rest[-1] != "&" else rest[:-1] or None
    for form in _FIRST:
        if len(form) < len(bare) and bare[: len(form)] == form:
            return words[len(form) :]
    return None
