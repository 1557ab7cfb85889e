"""A person's seat in the browser: one page with the day's news and a plain form.

The page needs no JavaScript and has none. It may be closed and opened again at its
address, which holds a random token; the same token stands in the form and is checked
on every POST, together with Host and Origin. What is sent is checked here, errors
stand beside their fields, and nothing typed is lost.

The server runs in a thread of its own, so that the page answers while the game
computes; decisions travel to the game's event loop and are journalled there.
"""

import asyncio
import secrets
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from quincunx import __version__
from quincunx.documents import strip_controls
from quincunx.errors import InputError
from quincunx.report import stylesheet
from quincunx.wargame.briefing import (
    Briefing,
    Pick,
    briefing,
    picks_of,
    problems,
    reply_text,
    veto_text,
)
from quincunx.wargame.observation import Observation
from quincunx.wargame.types import Decision
from quincunx.web.rendering import asset, environment
from quincunx.web.seat_form import SeatForm, empty_form, read_form
from quincunx.web.server import HEADERS, verdict

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

__all__ = ["BrowserSeat"]

POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'"
MAX_BODY = 262_144  # bytes of a form
PATIENCE = 2.0  # seconds a page waits for the next day before it shows that others decide
FAREWELL = 10.0  # seconds the last page can still be fetched
QUIET = 2.0  # seconds without a request after which it has all it needs
STYLES = frozenset({"quincunx.css", "seat.css"})
_HEADERS = {
    **HEADERS,
    "Content-Security-Policy": f"{POLICY}; frame-ancestors 'none'",
    # A form of a page without a referrer would carry "Origin: null" and be refused.
    "Referrer-Policy": "same-origin",
}


@dataclass(frozen=True)
class _Question:
    """One day that waits for its decision, and where the decision goes.

    ``picks`` are another's decision that waits for her veto; None where she decides.
    """

    told: Briefing
    picks: tuple[Pick, ...] | None
    reasoning: str
    answer: "asyncio.Future[str]"
    loop: asyncio.AbstractEventLoop

    def settle(self, text: str) -> None:
        """Hand the decision to the game's loop; a game that is gone misses nothing."""

        def land() -> None:
            if not self.answer.done():
                self.answer.set_result(text)

        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(land)


class BrowserSeat:
    """Asks a person in a browser; ``ask`` is the coroutine that the room calls.

    Args:
        announce: Told once where the page is, when the first question is there.
        port: Where to listen on loopback; 0 takes a free port.

    Raises:
        InputError: If the extra ``web`` is not installed.
    """

    def __init__(self, announce: Callable[[str], None], *, port: int = 0) -> None:
        try:
            import starlette
            import uvicorn
        except ModuleNotFoundError as error:
            raise InputError(
                f"--seat browser needs {error.name!r}. Install the extra: pip install"
                " 'quincunx[web]', or play with --seat terminal."
            ) from None
        del starlette, uvicorn
        self._announce, self._port = announce, port
        self._token = secrets.token_urlsafe(24)
        self._question: _Question | None = None
        self._over: Mapping[str, Any] | None = None
        self._lock = threading.Lock()
        self._last_seen = 0.0
        self._farewell = threading.Event()
        self._undressed: set[str] = set()  # styles that the last page has yet to fetch
        self._server: Any = None
        self._thread: threading.Thread | None = None

    @property
    def address(self) -> str:
        """Where the page is, its token included."""
        return f"http://127.0.0.1:{self._port}/{self._token}/"

    async def ask(
        self, observation: Observation, node: str, decision: Decision | None = None
    ) -> str:
        """Her decision, or what she withdraws from ``decision``; waits as long as it takes."""
        self._start()
        loop = asyncio.get_running_loop()
        picks = None if decision is None else picks_of(decision)
        reasoning = "" if decision is None else strip_controls(decision.reasoning)
        told = briefing(observation, node)
        question = _Question(told, picks, reasoning, loop.create_future(), loop)
        with self._lock:
            self._question = question
        try:
            return await question.answer
        finally:
            with self._lock:
                if self._question is question:
                    self._question = None

    def finish(self, document: Mapping[str, Any]) -> None:
        """Show the result; returns once the page has it, or nobody seems to look."""
        if self._thread is None:
            return
        self._over = document
        if time.monotonic() - self._last_seen < FAREWELL:
            self._farewell.wait(FAREWELL)
            # The style comes after the page; a slow browser takes its time.
            until = time.monotonic() + FAREWELL
            while (self._undressed or self._is_busy()) and time.monotonic() < until:
                time.sleep(QUIET / 20)

    def _is_busy(self) -> bool:
        return time.monotonic() - self._last_seen < QUIET

    def close(self) -> None:
        """Stop the server."""
        if self._thread is not None:
            self._server.should_exit = True
            self._thread.join(FAREWELL)
            self._thread = None

    # The server -------------------------------------------------------------------

    def _start(self) -> None:
        """Listen, in a thread that ends with the process; announce the address."""
        if self._thread is not None:
            return
        import uvicorn

        listening = socket.create_server(("127.0.0.1", self._port))
        self._port = listening.getsockname()[1]
        config = uvicorn.Config(
            self.application(),
            log_level="error",
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=3,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [listening]}, name="seat", daemon=True
        )
        self._thread.start()
        self._announce(self.address)

    def application(self) -> "Starlette":
        """The ASGI application: the page, its style, nothing else."""
        from starlette.applications import Starlette
        from starlette.requests import Request
        from starlette.routing import Route

        async def page(request: Request) -> "Response":
            return await self._page(request)

        async def static(request: Request) -> "Response":
            return self._static(request)

        every = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
        return Starlette(
            routes=[
                Route("/static/{name}", static, methods=every),
                Route("/{token}/", page, methods=every),
                Route("/{path:path}", static, methods=every),
            ]
        )

    def _static(self, request: "Request") -> "Response":
        status, sentence = verdict(request.method, request.headers, self._port)
        made = _STATIC.get(request.path_params.get("name", ""))
        if status != 200 or made is None:
            return _reply(f"{sentence or 'Nothing is here.'}\n", status if status != 200 else 404)
        self._last_seen = time.monotonic()
        self._undressed.discard(request.path_params["name"])
        return _reply(made[1](), 200, made[0])

    async def _page(self, request: "Request") -> "Response":
        # POST is judged as GET here: what it may do is decided by the token below.
        method = "GET" if request.method == "POST" else request.method
        status, sentence = verdict(method, request.headers, self._port)
        if status != 200:
            return _reply(f"{sentence}\n", status)
        if not self._is_token(request.path_params["token"]):
            return _reply("This is not the address of the seat; take it from the terminal.\n", 404)
        self._last_seen = time.monotonic()
        if request.method == "POST":
            return await self._posted(request)
        question = await self._next_question()
        if question is not None:
            return self._asked(question, empty_form(question.told))
        over = self._over
        page = self._rendered("seat_over.html", over=over)
        if over is not None:
            self._undressed = set(STYLES)
            self._farewell.set()
        return _reply(page, 200, "text/html")

    async def _next_question(self) -> _Question | None:
        """The day that waits; patient for a moment, because the others decide fast."""
        until = time.monotonic() + PATIENCE
        while self._question is None and self._over is None and time.monotonic() < until:
            await asyncio.sleep(0.02)
        return self._question

    async def _posted(self, request: "Request") -> "Response":
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY:
                return _reply(f"The form is larger than {MAX_BODY:,} bytes.\n", 413)
        text = body.decode("utf-8", "replace")
        fields = parse_qs(text, keep_blank_values=True, max_num_fields=1000)
        if not self._is_token(fields.get("token", [""])[0]):
            return _reply("The form's token is wrong; open the page anew.\n", 403)
        with self._lock:
            question = self._question
            if question is None or question.told.node != fields.get("node", [""])[0]:
                return _again()  # sent twice, or from a page of an earlier day
            if question.picks is not None:
                self._question = None
                question.settle(veto_text(_withdrawn(fields, len(question.picks))))
                return _again()
            form = read_form(question.told, fields)
            if form.wants_more:
                return self._asked(question, form.with_more())
            wrong = problems(question.told, form.picks)
            if wrong:
                return self._asked(question, form.with_problems(wrong), status=422)
            self._question = None
        question.settle(reply_text(question.told, form.picks, form.reasoning))
        return _again()

    def _is_token(self, text: str) -> bool:
        return secrets.compare_digest(text.encode(), self._token.encode())

    def _asked(self, question: _Question, form: SeatForm, *, status: int = 200) -> "Response":
        if question.picks is not None:
            page = self._rendered("seat_veto.html", told=question.told, question=question)
        else:
            page = self._rendered("seat.html", told=question.told, form=form)
        return _reply(page, status, "text/html")

    def _rendered(self, template: str, **values: Any) -> str:
        page: str = (
            environment()
            .get_template(template)
            .render(policy=POLICY, token=self._token, version=__version__, **values)
        )
        return page


_STATIC: dict[str, tuple[str, Callable[[], str]]] = {
    "quincunx.css": ("text/css", stylesheet),
    "seat.css": ("text/css", lambda: asset("seat.css")),
    "mark.svg": ("image/svg+xml", lambda: asset("mark.svg")),
}


def _withdrawn(fields: Mapping[str, list[str]], n: int) -> list[int]:
    """Numbers of the acts whose box was ticked; anything else that was sent is none."""
    known = {str(number): number for number in range(1, n + 1)}
    return [known[text] for text in fields.get("withdraw", []) if text in known]


def _reply(text: str, status: int, media_type: str = "text/plain") -> "Response":
    from starlette.responses import Response

    return Response(text, status, _HEADERS, media_type)


def _again() -> "Response":
    from starlette.responses import RedirectResponse

    return RedirectResponse(".", 303, _HEADERS)
