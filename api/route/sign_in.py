"""/session: people sign in with a password, and get in by one-time links."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field
from sqlmodel import Session

from api.chat.address import client_address, read_networks
from api.cookie import clear_cookie, fresh_secret, is_secure, set_cookie
from api.http.error import Detail, HttpError, TooManyRequests, Unauthorized, ValidationFailed
from api.http.model import IdOf, Input, Instant, Output
from api.http.profile import NATIVE
from api.http.rate import RateLimiter, RatePolicy
from api.http.request import Answer, Request
from api.http.route import Route
from api.own_page import ForeignPage, is_foreign
from api.password import Passwords
from api.route.listing import Items
from api.services import Services
from crm.role import scopes_of
from crm.sign_in import (
    LinkGone,
    close_session,
    close_sessions,
    list_sessions,
    namesakes,
    open_session,
    read_link,
    set_password,
    use_link,
)
from crm.tenants import get_tenant
from crm.users import InvalidEmail, get_user, update_user
from schemas.error import Conflict, PostDogError
from storage.table import UserRow

TAGS = ("Signing in",)
SHORTEST, LONGEST = 10, 200
"""Characters of a password. NIST SP 800-63B asks for 8 at least; a hash of megabytes would be a gift to strangers."""
FROM_AN_ADDRESS = RatePolicy("sign-in-address", 60, window=600, burst=30)
"""An office stands behind one address."""
FOR_ONE_PERSON = RatePolicy("sign-in-person", 20, window=600, burst=10)
"""Counts with the asking address, so that a stranger elsewhere can't lock anybody out."""
FOR_A_NAME = RatePolicy("sign-in-name", 200, window=3600, burst=100)

NewPassword = Annotated[str, Field(min_length=SHORTEST, max_length=LONGEST, description="At least 10 characters.")]
Password = Annotated[str, Field(min_length=1, max_length=1_000)]
Email = Annotated[str, Field(min_length=3, max_length=254, examples=["ada@example.com"])]
PersonName = Annotated[str, Field(min_length=1, max_length=100, examples=["Ada Lovelace"])]
Token = Annotated[str, Field(min_length=1, max_length=100, description="What stands in the link after the #.")]


class WrongPassword(Unauthorized):
    """The e-mail address or the password is wrong."""

    code = "wrong_password"


class NotSignedIn(HttpError):
    """This is for people who are signed in; an API key has no password and no name."""

    code = "not_signed_in"
    status = 403


class SignIn(Input):
    """Who signs in."""

    email: Email
    password: Password


class ChangePassword(Input):
    """The password until now, and from now on."""

    current: Password
    new: NewPassword


class ChangeMe(Input):
    """What somebody changes of himself."""

    name: PersonName


class ShowLink(Input):
    """A link's token."""

    token: Token


class UseLink(Input):
    """A link's token and the new password. A welcome needs `name` and `email` too."""

    token: Token
    password: NewPassword
    name: PersonName | None = None
    email: Email | None = None


class Me(Output):
    """Who asks: `user_id` is null for an API key. `scopes` are what the role or the key allows, `*` for everything."""

    user_id: Annotated[int, IdOf("usr")] | None
    email: str
    name: str
    role: Literal["owner", "editor", "agent"]
    presence: str
    scopes: tuple[str, ...]
    workspace: str


class SignedOut(Output):
    """The browser is signed out."""

    signed_out: bool = True


class LinkShown(Output):
    """What a link is for: `welcome` makes the first owner, `invite` lets a colleague in, `reset` sets a new password."""

    purpose: Literal["welcome", "invite", "reset"]
    email: str
    name: str
    workspace: str
    expires_at: Instant


class BrowserSession(Output):
    """A browser in which somebody is signed in."""

    id: int
    browser: str
    current: bool
    created_at: Instant
    seen_at: Instant


class SignInRoutes:
    """Signing in and out. Mounted at /v1 only: cookies are for our own pages."""

    def __init__(self, services: Services, proxies: Sequence[str] = (), passwords: Passwords | None = None) -> None:
        self._services = services
        self._trusted = read_networks(proxies)
        self._passwords = passwords or Passwords()
        self._limiter = RateLimiter()

    async def sign_in(self, request: Request[SignIn]) -> Answer[Me]:
        """Sign in with a password. Sets a cookie, which works wherever an API key does."""
        body = request.body
        self._admit(request, body.email.strip().lower())
        users = await self._services.store.read(lambda session: namesakes(session, body.email))
        for user in users:
            if await self._passwords.fits(user.password_hash or "", body.password):
                self._pardon(request, body.email.strip().lower())
                fresh = await self._fresh_hash(user, body.password)
                return await self._enter(request, user, fresh)
        if not users:
            await self._passwords.waste(body.password)
        raise WrongPassword

    async def show_session(self, request: Request) -> Me:
        """Say who is signed in, and what the role allows."""
        return await self._services.store.read(lambda session: _me(session, request))

    async def change_session(self, request: Request[ChangeMe]) -> Me:
        """Change your own name."""

        def work(session: Session) -> Me:
            update_user(session, request.tenant, _user(request), name=request.body.name)
            return _me(session, request)

        answer = await self._services.store.write(work)
        self._services.worlds.changed(request.tenant)
        return answer

    async def sign_out(self, request: Request) -> Answer[SignedOut]:
        """Sign out in this browser."""
        await self._services.store.write(lambda session: close_session(session, request.principal.session))
        return Answer(SignedOut(), headers=clear_cookie(is_secure(request.raw, self._services.public_url)))

    async def list_sessions(self, request: Request) -> Items[BrowserSession]:
        """List the browsers in which you are signed in."""
        who = request.principal
        rows = await self._services.store.read(
            lambda session: list_sessions(session, who.tenant, who.user or 0, request.now)
        )
        return Items[BrowserSession](
            data=tuple(
                BrowserSession(
                    id=row.id, browser=row.agent, current=row.id == who.session, created_at=row.created_at, seen_at=row.seen_at
                )
                for row in rows
            )
        )

    async def sign_out_elsewhere(self, request: Request) -> None:
        """Sign out in all other browsers."""
        who = request.principal
        await self._services.store.write(lambda session: close_sessions(session, who.user or 0, but=who.session))

    async def change_password(self, request: Request[ChangePassword]) -> Me:
        """Change your password. Other browsers are signed out."""
        body, who, user = request.body, request.principal, _user(request)
        row = await self._services.store.read(lambda session: get_user(session, who.tenant, user))
        self._admit(request, row.email)
        if not await self._passwords.fits(row.password_hash or "", body.current):
            message = "This isn't your present password."
            raise ValidationFailed(message, type="wrong_password", details=[Detail(field="current", message=message)])
        self._pardon(request, row.email)
        _refuse_weak(body.new, row.email, "new")
        kept = await self._passwords.hashed(body.new)

        def work(session: Session) -> Me:
            set_password(session, who.tenant, user, kept)
            close_sessions(session, user, but=who.session)
            return _me(session, request)

        return await self._services.store.write(work)

    async def show_link(self, request: Request[ShowLink]) -> LinkShown:
        """Say what a one-time link is for, without using it."""
        self._admit(request, "")
        link = await self._services.store.read(lambda session: read_link(session, request.body.token, request.now))
        self._pardon(request, "")
        user = link.user
        return LinkShown.model_validate(
            {
                "purpose": link.row.purpose,
                "email": user.email if user else "",
                "name": user.name if user else "",
                "workspace": link.workspace,
                "expires_at": link.row.expires_at,
            }
        )

    async def use_link(self, request: Request[UseLink]) -> Answer[Me]:
        """Set a password by a one-time link, and sign in."""
        body, now = request.body, request.now
        self._admit(request, "")
        link = await self._services.store.read(lambda session: read_link(session, body.token, now))
        email = link.user.email if link.user else body.email or ""
        _refuse_weak(body.password, email, "password")
        kept = await self._passwords.hashed(body.password)
        user = await self._services.store.write(
            lambda session: use_link(session, body.token, kept, email, body.name or "", now)
        )
        self._services.worlds.changed(user.tenant)
        self._pardon(request, "")
        return await self._enter(request, user, None)

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes of this file. Their answers are never kept under an Idempotency-Key: they set cookies."""

        def route(method: Any, path: str, handler: Any, *errors: type[PostDogError], public: bool = False) -> Route:
            return Route(
                method, path, handler, TAGS, profiles=(NATIVE,), public=public, errors=errors, idempotency="off",
                body_limit=16 * 1024,
            )  # fmt: skip

        entering = (TooManyRequests, ForeignPage)
        return (
            route("POST", "/session", self.sign_in, WrongPassword, *entering, public=True),
            route("GET", "/session", self.show_session),
            route("PATCH", "/session", self.change_session, NotSignedIn),
            route("DELETE", "/session", self.sign_out),
            route("GET", "/session/browsers", self.list_sessions),
            route("DELETE", "/session/browsers", self.sign_out_elsewhere),
            route("POST", "/session/password", self.change_password, NotSignedIn),
            route("POST", "/session/link", self.show_link, LinkGone, *entering, public=True),
            route("POST", "/session/link/use", self.use_link, LinkGone, Conflict, InvalidEmail, *entering, public=True),
        )

    def _admit(self, request: Request[Any, Any], name: str) -> None:
        """Count a try. Raises TooManyRequests, and ForeignPage for other sites' pages."""
        raw = request.raw
        if is_foreign(raw, self._services.public_url):
            raise ForeignPage
        now = request.now.timestamp()
        for key, policy in self._buckets(request, name):
            answer = self._limiter.take(key, (policy,), now)
            if not answer.allowed:
                headers = answer.headers(now)
                wait = -(-int(headers["Retry-After"]) // 60)
                minutes = f"{wait} minutes" if wait > 1 else "a minute"
                raise TooManyRequests(f"Too many tries. Wait {minutes}, then try again.", headers=headers)

    def _pardon(self, request: Request[Any, Any], name: str) -> None:
        """A try that was right doesn't count."""
        for key, policy in self._buckets(request, name):
            self._limiter.give_back(key, (policy,), request.now.timestamp())

    def _buckets(self, request: Request[Any, Any], name: str) -> list[tuple[str, RatePolicy]]:
        raw = request.raw
        address = client_address(raw.remote, raw.headers.getall("X-Forwarded-For", []), self._trusted)
        if not name:
            return [(address, FROM_AN_ADDRESS)]
        return [(address, FROM_AN_ADDRESS), (f"{address} {name}", FOR_ONE_PERSON), (name, FOR_A_NAME)]

    async def _fresh_hash(self, user: UserRow, password: str) -> str | None:
        if not self._passwords.is_old(user.password_hash or ""):
            return None
        return await self._passwords.hashed(password)

    async def _enter(self, request: Request[Any, Any], user: UserRow, password_hash: str | None) -> Answer[Me]:
        """Open a session for a user who has shown who he is."""
        token = fresh_secret(self._services.random)
        agent = request.raw.headers.get("User-Agent", "")

        def work(session: Session) -> Me:
            row = get_user(session, user.tenant, user.id)
            if password_hash is not None:
                set_password(session, row.tenant, row.id, password_hash)
            open_session(session, row, token, agent, request.now)
            return _told(session, row)

        me = await self._services.store.write(work)
        return Answer(me, headers=set_cookie(token, is_secure(request.raw, self._services.public_url)))


def _user(request: Request[Any, Any]) -> int:
    user = request.principal.user
    if user is None:
        raise NotSignedIn
    return user


def _me(session: Session, request: Request[Any, Any]) -> Me:
    """Who asks, as he is now."""
    who = request.principal
    if who.user is not None:
        return _told(session, get_user(session, who.tenant, who.user))
    return Me(
        user_id=None,
        email="",
        name="",
        role="owner",
        presence="offline",
        scopes=tuple(sorted(who.scopes)),
        workspace=get_tenant(session, who.tenant).name,
    )


def _told(session: Session, row: UserRow) -> Me:
    facts = {
        "user_id": row.id,
        "email": row.email,
        "name": row.name,
        "role": row.role,
        "presence": row.presence,
        "scopes": tuple(sorted(scopes_of(row.role))),
        "workspace": get_tenant(session, row.tenant).name,
    }
    return Me.model_validate(facts)


def _refuse_weak(password: str, email: str, field: str) -> None:
    """Raise ValidationFailed for a password that is the address, a part of it, or one character over and over."""
    plain = password.strip().lower()
    if len(set(plain)) < 4 or (email and plain in email.lower()):
        message = "This password is too easy to guess. Take several words, or letters, digits and signs."
        raise ValidationFailed(message, type="weak_password", details=[Detail(field=field, message=message)])
