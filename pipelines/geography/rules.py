"""The rules of reading: what a list of places means, by the roles of the phrases around it.

Each rule looks at the roles left and right of the list, inside one sentence. The first that fits decides.
The letters are explained in data/cues.txt; `.` and `|` are boundaries, `-`, `:` and `,` are themselves.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["allowed", "excluded", "preferred", "located", "none"]


@dataclass(frozen=True, slots=True)
class Rule:
    """`left` must match up to the list, `right` from it on; `kinds` are the lists it may read.

    Kinds: `place` (countries, groups, regions, cities), `people` (Indians, Kenyan), `language` (German, Spanish:
    words that name a language as well), `code` (one bare pair of capitals such as PH).
    """

    name: str
    verdict: Verdict
    kinds: frozenset[str]
    left: re.Pattern[str]
    right: re.Pattern[str]


ALL = "place people language code"
END = r"(?:[|:\-]|$)"  # the sentence, or the thought, stops here
WORKER = "[WUpuj]"


def rule(name: str, verdict: Verdict, left: str = "", right: str = "", kinds: str = ALL) -> Rule:
    """A rule from two half patterns: `left` is anchored at its end, `right` at its start."""
    return Rule(name, verdict, frozenset(kinds.split()), re.compile(f"(?:{left})$"), re.compile(right))


RULES = (
    # What is no statement about buyers or workers at all.
    rule("language", "none", right="[abw]?[Jj]", kinds="people language"),
    rule("language-before", "none", left="J[aFfb:c,]*", right="(?![aFb]*[Wp])", kinds="people language"),
    rule("language-skill", "none", right="[aw]?U", kinds="language"),
    rule("tongue-of-a-place", "none", right="[JT]"),
    rule("audience-after", "none", right="[aO]{0,2}T"),
    rule("audience-before", "none", left="T[aObMLFfVwBnp]{0,5}", right="(?!L?[aF]*[WU])"),
    rule("audience-named", "none", left="T[bfaFnH]{0,3}[:\\-]?[bFaw]{0,2}", right="(?![aF]*[WU])"),
    rule("thing-sold-in", "none", left="t[aLbMV]*O?[bVL]*[Ff]a*", right="(?![aF]*[WU])"),
    rule("thing-of", "none", right="t"),
    # A preference is not a rule.
    rule("preferred-before", "preferred", left="P[abfFLWUuHVc:npwQB]{0,6}"),
    rule("preferred-after", "preferred", left="[^OM]*", right="[abfWUpuLVHFM,-]{0,5}P"),
    # Two negations make a permission.
    rule("do-not-if-not", "allowed", left="[NX][aNw]{0,2}V?[acuLpFb,]{0,4}N[aLFubM]*[LF][aLF]*"),
    rule("not-in-x-then-not", "allowed", right="F*[aLWb]*N[abuWp,]{0,4}(?:X|V?a?N)"),
    rule("unless", "allowed", left="[NX].{0,8}l[uabLFMWp]*"),
    rule(
        "not-from-not-apply",
        "allowed",
        left="(?:[Wup][abM]*|^[ac]*)N[aNMWb]*[LF][aLFN]*",
        right="[,:cauWpLFb]{0,5}(?:N[aNwb]{0,2}[VW]|[aMbw]{0,3}X|N$)",
    ),
    rule("none-outside", "allowed", left="[NX][aWUuVLpbF]{0,4}E[aFf]*"),
    rule("outside-refused", "allowed", left="[WUup][aLbF]*E[aFf]*", right="[,abMw]{0,3}[NX]"),
    rule("none-but", "allowed", left="N[aWUupb]{0,3}E[aFWL]*"),
    # Exclusions.
    rule("except", "excluded", left="(?:^|.*[AWUuVOHFpMGC|:,-].*)E[aFfWUupHLbc:VQ|]*"),
    rule("except-people", "excluded", left="E[aFfWUupHLb:]*", right=f"[aL]*(?:[WUuVp]|{END})"),
    rule("except-after", "excluded", right="[aFf]*e"),
    rule("refused-after", "excluded", right="[WUpuaFLbMfjV,c]{0,5}(?:N[abMuF]{0,3}[VLW]|[baMw]{0,2}X|V[abM]{0,2}N)"),
    rule("must-not", "excluded", left="M[ab]*N[abLF]*"),
    rule("if-from-then-not", "excluded", left="u[abM]*L?[aF]*", right="[,acuw|]{0,4}(?:N|X)"),
    rule("refused-before", "excluded", left="X[abfFWUuHpLc:|,C]*"),
    rule(
        "no-workers-from",
        "excluded",
        left="[WUuVMpHL][abM]{0,2}N[abVfFLWUuMp]{0,6}|N[abf]*w?[VWUuMp][abVfFLWUuHMnp]{0,6}",
    ),
    rule("no-country", "excluded", left=r"(?:^|[.|,:\-cwOVW])a*N[abFf]*", right=f"[aOL]*(?:[WUupVX]|[,c]|{END})"),
    # The buyer speaks of himself.
    rule("we-are-based", "located", left="(?:Z[abwDIQJ]{0,5}|B[ab]{0,3})L[aF]*", kinds="place code"),
    rule("we-are-based-town", "located", left="(?:Z[abw]{0,3}|B[ab]{0,3})L[aF]+w{1,2},?", kinds="place code"),
    rule("we-are-from", "located", left="(?:B[ab]*|Z[aw]{0,1})F+a*(?:w{1,2},)?", right="(?!a*t)", kinds="place code"),
    rule("we-live-in", "located", left="Z[a]?", right=f"(?:{END}|[,cn])", kinds="place"),
    rule(
        "our-office-in",
        "located",
        left="[BZ][abF]*w{0,2}[DIQ]?Q[abwJ]{0,2},?[ab]*(?:L?[Ff][aF]*|L[aF]*)(?:w{1,2},)?",
        kinds="place code",
    ),
    rule("our-x-office", "located", left="B[ab]*w?", right="L?[wa]?Q", kinds="place people language code"),
    rule("we-are-an-x-firm", "located", left="(?:Z|Ba?b|B,)[ab]*w{0,2}", right="L?[wJaQ]{0,2}Q", kinds=ALL),
    rule("we-are-an-x-firm-pro-drop", "located", left="B[ab]+w{0,2}", right="L?[wJ]{0,2}Q", kinds="people language"),
    rule("our-firm-x", "located", left="[BZ][abF]*w?Q[wJaF]{0,3}", right="(?!a*T)", kinds="people language"),
    rule("our-firm-of-x", "located", left="[BZ][ab]+wQ|[BZ][ab]+Q", right=f"(?:{END}|[,naV])", kinds="place"),
    rule("our-seat-is", "located", left="B[ab]*w?[QL]w?b[aF]*", right=f"(?:{END}|[,cn])", kinds="place"),
    rule(
        "we-in-x-based",
        "located",
        left="[BZ][aw]{0,2}",
        right="F*[aw]{0,2}L[aw]{0,2}|F+[aw]{0,2}Q",
        kinds="place code",
    ),
    rule("our-firm-in-x-stands", "located", left="[BZ][aw]?Q[aw]?", right="F*a*[LQb]", kinds="place code"),
    rule("x-firm-of-ours", "located", right="[aF]{0,2}L?[aw]{0,2}q"),
    rule("firm-of-ours-in-x", "located", left="q[ab]*L?[aF]*", kinds="place code"),
    rule("firm-x-seeks", "located", left="^a?Qw?", right="[,a]*w?[nV]"),
    rule("x-firm-we", "located", left="^a*w?", right="L?[wJ]{0,2}Q[,a]*[BZ]"),
    rule("x-firm-seeks", "located", left="(?:^|[|:-])a{0,1}w{0,1}", right="L?[wJ]{0,2}Q[^.|]{0,6}[nV]"),
    rule(
        "firm-in-x-seeks",
        "located",
        left="(?:^|[|:-])a*w{0,2}Q,?[ab]*(?:L[aF]*|F)",
        right=",?[ab]*[nV]",
        kinds="place code",
    ),
    rule("i-am-an-x", "located", left="Z[ab]*", right=f"(?:{END}|[,c])", kinds="people"),
    # Our staff and our users are neither.
    rule("our-people", "none", left="[B][abw]{0,2}[WUpT][abwLF]{0,4}"),
    # Workers.
    rule(
        "only-from",
        "allowed",
        left="O[abFf:|Hn]*(?:[WUup][abwM]{0,2})?(?:L[abF]*|[Ff][abF]*)",
        right="(?!a*[Tt])",
        kinds="place code",
    ),
    rule(
        "only",
        "allowed",
        left="O[abFfVn]*(?:[WUupH][ab:]*)?[abf|:]*",
        right=f"[aFb]*(?:[WUuVLjHcOMp,]|{END})",
        kinds="place people code",
    ),
    rule("only-people", "allowed", left="O[abFfVn]*", right="[aw]?[Wp]"),
    rule("only-people-x", "allowed", left="O[abFf]*[Wpu][abF]*", right="(?![TtJ])", kinds="place people"),
    rule("x-only", "allowed", right="[abWULFpuVHf]{0,4}O", kinds="place people code"),
    rule("x-people-only", "allowed", right="[abL]{0,2}[Wpu][abFfV]*O"),
    rule(
        "workers-from",
        "allowed",
        left=f"{WORKER}[ab]{{0,2}}(?:w{{0,2}}|M[ab]*|V)[abM]*L?[ab]*F+[aL:]*(?:w,)?",
        kinds="place code",
    ),
    rule("workers-of", "allowed", left="W[ab]*[LF]*[af]*", right=f"(?:{END}|[,cOMVX])", kinds="place code people"),
    rule("people-located", "allowed", left=f"{WORKER},?[abM]{{0,3}}L[aF]*", kinds="place code"),
    rule("must-be-in", "allowed", left="M[abw:]?[abuL]*(?:Lw?|F)[aF]*(?:w{1,2},)?", right="(?!J)", kinds="place code"),
    rule("must-be-an-x", "allowed", left="M[ab]*", right="(?:L|[aw]?[WUp])"),
    rule("must-be-x", "allowed", left="M[ab]*", right=f"{END}", kinds="people place"),
    rule("x-must", "allowed", right="F*[abL]*M", kinds="place people code"),
    rule(
        "accepted-from", "allowed", left="V[abcu]?(?:[Ff]|Lw?F)+[aW]*L?[aFf]*", right="(?!a*[Tt])", kinds="place code"
    ),
    rule("accepted", "allowed", left="V[ab:]*", right=f"(?:[WUp,cO]|{END})", kinds="place people code"),
    rule("x-accepted", "allowed", right="[WUpabL]{0,3}V", kinds="place people code"),
    rule("x-people-accepted", "allowed", right="[Wp][ab]{0,2}V"),
    rule(
        "countries", "allowed", left=r"H[abVF]*[:\-|]?[abM]*|H[ab]?[VM]+[ab:]*", right="(?![JT])", kinds="place code"
    ),
    rule("x-workers", "allowed", left=r"(?:^|[nOMVfba.|:,\-cW])[abf]*", right="L?[aF]{0,2}W", kinds=ALL),
    rule(
        "x-based-professionals",
        "allowed",
        left=r"(?:^|[nOMVfba.|:,\-c])[abf]*",
        right="L[ab]{0,2}[UpWu]|L[.]?$",
        kinds="place code",
    ),
    rule(
        "x-professionals", "allowed", left=r"(?:^|[nOMVfb.|:,\-c])[abf]*", right="[ab]?[U]", kinds="place people code"
    ),
    rule("need-x-people", "allowed", left="[nOMV][abf]*", right="[ab]?[pUWu]", kinds="place people code"),
    rule("need-people", "allowed", left="n[abdO]*", right=f"(?:[fM]|{END})", kinds="people"),
    rule("people-x", "allowed", left="[WU][ab]{0,1}", right=f"(?:{END}|[cO,nMV])", kinds="people"),
    rule("x-living-people", "allowed", right="F*a*L[ab]*w?[UpWuMV]|F+a*[Wpu]", kinds="place code"),
    rule("from-x-may", "allowed", right="F+[abL]*[WV]", kinds="place code"),
    rule("need-from", "allowed", left="n[abw]{0,2}[F]+[a]*", right=f"(?:{END}|[,c])", kinds="place code"),
)

# "Worldwide" speaks of workers when it stands alone or beside a worker's word, and not beside customers.
EVERYWHERE = (
    re.compile(r"(?:^|[.|:,\-c])[abfFO]*A[abVOWpuH]*(?:[,.|:\-cEe]|[WFf]*[,.E|]|$)"),
    re.compile(r"[WUpuVMjnO][abfFLVMcH]{0,4}A(?:[abfF,.|c:VOWpuEe\-]|$)"),
    re.compile(r"A[aFfbLe]{0,3}w?[WUpuVj]"),
)
NOT_EVERYWHERE = re.compile(r"[Tt][abfFLVMcw]{0,3}A|A[abfF]{0,2}[Tt]|[BZ][abwV]{0,3}A")
