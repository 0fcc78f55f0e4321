"""From an address to the situation it asks for, or the sentence that says why there is none."""

from __future__ import annotations

from dataclasses import dataclass

from riskmiljo.errors import InvalidInputError, NothingFoundError
from riskmiljo.situation import Situation, build_situation
from riskmiljo.situation.released import picture_version
from riskmiljo.web.audited import note_shown
from riskmiljo.web.headers import etag_of
from riskmiljo.web.service import Service
from riskmiljo.web.view import Query, View, read_view
from riskmiljo.wording import Text


@dataclass(frozen=True, slots=True)
class Picture:
    """What one address leads to.

    Attributes
    ----------
    view
        What was asked for; None if the address could not be read.
    situation
        What there is to see; None if there is nothing.
    problem
        Why there is nothing to see.
    empty
        Whether the store holds no incident at all.
    """

    view: View | None
    situation: Situation | None = None
    problem: Text | None = None
    empty: bool = False

    @property
    def status(self) -> int:
        """The HTTP status: finding nothing is an answer like any other.

        Returns
        -------
        int
            400 where the address is at fault, else 200.
        """
        return InvalidInputError.http_status if self.view is None else 200


def look(query: Query, service: Service) -> Picture:
    """Return what an address leads to.

    Parameters
    ----------
    query
        The fields, as from `riskmiljo.web.view.query_of_request`.
    service
        The installation.

    Returns
    -------
    Picture
        With a situation, or with the reason why not.
    """
    view = None
    try:
        view = read_view(query, service)
        situation = build_situation(
            service.store,
            service.settings,
            service.lens,
            view.question,
            now=service.clock(),
            shift=view.shift,
            teams=view.teams,
        )
    except InvalidInputError as error:
        return Picture(view=None, problem=error.message)
    except NothingFoundError as nothing:
        return Picture(
            view=view or View.everything(),
            problem=nothing.message,
            empty=service.store.span() is None,
        )
    note_shown(situation)
    return Picture(view=view, situation=situation)


def picture_etag(picture: Picture, service: Service, *context: str) -> str:
    """Return a tag for an answer that is made of this picture alone.

    Parameters
    ----------
    picture
        With a view.
    service
        The installation. A new start makes a new tag: its pages may look different.
    *context
        What else the answer depends on: which page, which language.

    Returns
    -------
    str
        For `riskmiljo.web.headers.conditional`.
    """
    view, situation = picture.view, picture.situation
    return etag_of(
        service.started,
        # An import must not show in the joint picture, not even in this.
        picture_version(service.store, joint=service.lens.scope == "joint"),
        service.lens.key,
        None if view is None else view.pairs(),
        # "Tonight" and the choice of coming evenings move on although no data change.
        service.clock().date(),
        None if situation is None else (situation.period, situation.shift),
        context,
    )
