"""Whether the tag or the release that is to start an upload is made with a token that starts nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pypi_setup.preflight.publishing.makers import RELEASE, TAG
from pypi_setup.preflight.syntax import patterns
from pypi_setup.preflight.workflow.situations import kind_of_ref

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pypi_setup.preflight.publishing.makers import Maker
    from pypi_setup.preflight.publishing.publications import Publication
    from pypi_setup.preflight.workflow.model import Event

_SPECIAL = re.compile(r"([*?+\[\]!\\])")
_MAJOR = re.compile(r"[vV]?\d+\Z")


def closed(publication: Publication, makers: Sequence[Maker]) -> Maker | None:
    """Return what makes the event that starts an upload with GITHUB_TOKEN; None where nothing is known to."""
    root, event = publication.situation.root, publication.situation.event
    trigger = root.on[event]
    found: list[Maker] = []
    if event == "release":
        found = [each for each in makers if RELEASE in each.kinds and _makes_releases(each)]
    elif event == "push" and kind_of_ref(publication.situation.contexts) == "tag":
        found = [each for each in makers if _makes_tags(each, trigger)]
    # What one of them makes with another token is there already for the others.
    return found[0] if found and all(each.default for each in found) else None


def _makes_releases(maker: Maker) -> bool:
    """Tell whether it makes a release of its own, not one that is there already."""
    return any(event != "release" for event, _ in maker.events) and _names_a_release(maker)


def _makes_tags(maker: Maker, trigger: Event) -> bool:
    """Tell whether it makes tags that the trigger waits for, and not on such a tag itself."""
    new = any(event != "release" and kind != "tag" for event, kind in maker.events)
    return (
        TAG in maker.kinds
        and new
        and _names_a_release(maker)
        and may_match(trigger, maker.tag, whole=maker.whole)
    )


def _names_a_release(maker: Maker) -> bool:
    """Tell whether its tag can be that of a release: not `nightly`, and none that moves with each release."""
    tag = maker.tag
    return tag is None or not maker.whole or bool(re.search(r"\d", tag) and not _MAJOR.match(tag))


def may_match(trigger: Event, tag: str | None, *, whole: bool) -> bool:
    """Tell whether a tag, or one that begins so, can get through a trigger's filter."""
    if not trigger.tags or tag is None:
        return True
    made = patterns.of_filter(_SPECIAL.sub(r"\\\1", tag) + ("" if whole else "**"))
    wanted = [each.text for each in trigger.tags if not each.text.startswith("!")]
    return any(patterns.overlap(patterns.of_filter(text), made) for text in wanted)
