"""The site of a workspace: every address it has, and what is there.

The same object stands behind ``quincunx site build`` (write everything) and
``quincunx serve`` (render what is asked for). Addresses are paths with a file
name, so that links work from ``file://`` too:

    index.html                      Home
    runs/index.html                 all runs
    runs/<run id>/index.html        a run's main page; <slug>.html its others
    <room>/index.html               a room's runs; <slug>.html its pages that need no run
    about/index.html                About the numbers
    <folder>/<slug>.<block>.csv     a table, or a figure's data; .svg its drawing
    <folder>/<slug>.json, .md       the page as a document, as text
    static/...                      style, scripts, mark
"""

import dataclasses
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from quincunx import __version__
from quincunx.errors import QuincunxError
from quincunx.report import (
    Figure,
    Page,
    Section,
    csv_files,
    grid_csv,
    json_text,
    script,
    stylesheet,
    svg_files,
    to_html,
    to_markdown,
    to_svg,
    vega_bundle,
)
from quincunx.runs import Run, Workspace
from quincunx.web.board import galton_board
from quincunx.web.overview import Result, about_page, home_page, room_page, runs_page
from quincunx.web.rendering import asset, environment
from quincunx.web.rooms import ROOMS
from quincunx.web.run_page import generic_page, provenance, state_section

__all__ = ["POLICY", "Content", "Site"]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
    " img-src 'self' data:; base-uri 'none'; form-action 'none'"
)
RECENT = 40  # complete runs looked at for the overview
MEDIA = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "md": "text/markdown; charset=utf-8",
}


@dataclass(frozen=True)
class Content:
    """What is at an address: bytes, their media type, and whether a page is whole in itself.

    A page that is whole in itself holds its style and script and its own policy.
    """

    body: bytes
    media_type: str
    is_whole: bool = False


class Site:
    """The pages of ``workspace``.

    Args:
        workspace: Whose runs are shown; it is only read.
        live: Whether pages refresh themselves (for a server, not for files).
    """

    def __init__(self, workspace: Workspace, *, live: bool = False) -> None:
        self.workspace = workspace
        self.live = live
        self._pages: dict[str, tuple[object, list[Page]]] = {}

    # Addresses --------------------------------------------------------------------

    def contents(self) -> Iterator[tuple[str, Content]]:
        """Every address of the site with what is there, static files first."""
        for name, make in self._static().items():
            yield f"static/{name}", _content(name, make)
        for folder in self._folders():
            prefix = f"{folder}/" if folder else ""
            for name, make in self._files(folder).items():
                yield prefix + name, _content(name, make)
            for name, make in self._whole_files(folder).items():
                yield prefix + name, _content(name, make, is_whole=True)

    def get(self, path: str) -> Content | None:
        """What is at ``path`` (relative to the site's root), or None."""
        folder, _, name = path.rpartition("/")
        name = name or "index.html"
        made = self._static().get(name) if folder == "static" else self._files(folder).get(name)
        if made:
            return _content(name, made)
        whole = self._whole_files(folder).get(name)
        return _content(name, whole, is_whole=True) if whole else None

    def _folders(self) -> list[str]:
        runs = [f"runs/{run.id}" for run in self.workspace.list() if run.state != "unreadable"]
        return ["", "runs", *ROOMS, "about", *sorted(runs)]

    def _static(self) -> dict[str, Callable[[], str]]:
        files: dict[str, Callable[[], str]] = {
            "quincunx.css": stylesheet,
            "quincunx.js": script,
            "vega.js": vega_bundle,
            "mark.svg": lambda: asset("mark.svg"),
        }
        return files | ({"live.js": lambda: asset("live.js")} if self.live else {})

    def _files(self, folder: str) -> dict[str, Callable[[], str]]:
        """Every file of a folder with the function that makes it."""
        files: dict[str, Callable[[], str]] = {}
        pages = self._folder_pages(folder)
        for index, page in enumerate(pages):
            name = _file_name(index, page)
            files[name] = functools.partial(self._html, folder, pages, index)
            files[f"{page.slug}.json"] = functools.partial(json_text, page)
            files[f"{page.slug}.md"] = functools.partial(to_markdown, page)
            for csv, grid in csv_files(page).items():
                files[csv] = functools.partial(grid_csv, grid)
            for svg, figure in svg_files(page).items():
                files[svg] = functools.partial(to_svg, figure, background="white")
        return files

    def _whole_files(self, folder: str) -> Mapping[str, Callable[[], str]]:
        """The files of a run that need no frame of the site."""
        run_id = folder.removeprefix("runs/")
        if not folder.startswith("runs/") or run_id not in self.workspace.run_ids():
            return {}
        with self.workspace.open(run_id) as run:
            room = ROOMS.get(run.manifest.room)
            return room.files(run) if room and run.state == "complete" else {}

    # Pages ------------------------------------------------------------------------

    def _folder_pages(self, folder: str) -> list[Page]:
        if folder == "":
            return [home_page(self.workspace.list(), self._results())]
        if folder == "runs":
            return [runs_page(self.workspace.list())]
        if folder == "about":
            return [about_page()]
        if folder in ROOMS:
            landing = room_page(folder, self.workspace.list(), self._results(folder))
            return [landing, *ROOMS[folder].pages()]
        run_id = folder.removeprefix("runs/")
        if folder.startswith("runs/") and run_id in self.workspace.run_ids():
            return self._run_pages(run_id)
        return []

    def _results(self, room: str = "") -> list[Result]:
        """The newest complete run of each kind, with its main page as the room made it."""
        complete = [run for run in self.workspace.list() if run.state == "complete"]
        newest: dict[tuple[str, str, str], Result] = {}
        for run in [run for run in complete if room in {"", run.room}][:RECENT]:
            page = self._run_pages(run.id)[0]
            newest.setdefault((run.room, run.command, page.slug), (run, _without_provenance(page)))
        return list(newest.values())

    def _run_pages(self, run_id: str) -> list[Page]:
        """The pages of a run; kept until its manifest changes, while it is not running."""
        run = self.workspace.open(run_id)
        state = run.state
        stamp = ((run.folder / "manifest.json").stat().st_mtime_ns, state)
        known = self._pages.get(run_id)
        if known and known[0] == stamp and state != "running":
            return known[1]
        with run:
            pages = _pages_of(run, state)
        self._pages[run_id] = (stamp, pages)
        return pages

    def _html(self, folder: str, pages: Sequence[Page], index: int) -> str:
        page = pages[index]
        root = "../" * (len(folder.split("/")) if folder else 0)
        siblings = [
            {"title": p.title, "href": _file_name(k, p), "here": k == index}
            for k, p in enumerate(pages)
        ]
        template = "home.html" if folder == "" else "page.html"
        text: str = (
            environment()
            .get_template(template)
            .render(
                page=page,
                fragment=_markup(to_html(page, links=lambda name: name, root=root)),
                root=root,
                policy=POLICY,
                live=self.live,
                has_figures=any(isinstance(b, Figure) for s in page.sections for b in s.blocks),
                navigation=_navigation(folder),
                siblings=siblings if len(pages) > 1 else [],
                version=__version__,
                board=galton_board(),
            )
        )
        return text


def _content(name: str, make: Callable[[], str], *, is_whole: bool = False) -> Content:
    return Content(make().encode(), MEDIA[name.rpartition(".")[2]], is_whole)


def _pages_of(run: Run, state: str) -> list[Page]:
    """The room's pages with the state before and the provenance after; or a generic page."""
    room = ROOMS.get(run.manifest.room)
    try:
        pages = list(room.views.run_pages(run)) if room else []
        pages = pages or [generic_page(run)]
    except QuincunxError as error:
        pages = [generic_page(run, problem=str(error))]
    first = pages[0]
    before: list[Section] = [] if state == "complete" else [state_section(run)]
    sections = (*before, *first.sections, provenance(run))
    whole = Page(first.slug, first.title, first.lead, sections, first.kicker)
    return [whole, *pages[1:]]


def _without_provenance(page: Page) -> Page:
    """The page as its room made it, for a summary."""
    return dataclasses.replace(page, sections=page.sections[:-1])


def _file_name(index: int, page: Page) -> str:
    return "index.html" if index == 0 else f"{page.slug}.html"


def _navigation(folder: str) -> list[dict[str, Any]]:
    """The bar's links; the one that holds ``folder`` is marked."""
    places = {"": "Home", "runs": "Runs", **{name: room.title for name, room in ROOMS.items()}}
    places["about"] = "About the numbers"
    here = folder.split("/", maxsplit=1)[0]
    return [
        {
            "title": title,
            "href": f"{name}/index.html" if name else "index.html",
            "here": name == here,
        }
        for name, title in places.items()
    ]


def _markup(html: str) -> Any:
    from markupsafe import Markup

    return Markup(html)  # noqa: S704 (escaped by the report's templates)
