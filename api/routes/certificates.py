"""Certificates of completed courses: their owner's list, and a page for whoever wants to know whether one is good."""

from email.utils import parseaddr
from typing import Annotated
from urllib.parse import urlencode

from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response

from api import times
from api.errors import AppError, Code
from api.model import Certificate
from api.routes import access, pages, problems
from api.routes.access import Access
from api.routes.contract import Answer, endpoint, service_of
from api.usecases import certificates
from api.usecases.certificates import Certified, Shown
from api.usecases.service import Service

PUBLIC_PAGE, LIBRARY = "/certificates/", "/account/library/"
LINKEDIN = "https://www.linkedin.com/profile/add"


class CertificateRequest(Struct, frozen=True):
    course: str
    name: Annotated[str, Meta(max_length=80)]


class PublicCertificate(Struct, frozen=True, kw_only=True):
    """What everybody who has its address may know."""

    id: str
    url: str
    name: str
    title: str
    lectures: int
    seconds: int
    completed_at: str
    issued_at: str


class OwnCertificate(Struct, frozen=True, kw_only=True):
    """`good`: it was not withdrawn. `linkedin_url` opens LinkedIn's form with the certificate filled in."""

    certificate: PublicCertificate
    course: str
    good: bool
    linkedin_url: str


class EarnedCertificate(Struct, frozen=True):
    """A completed course without a certificate; `name` is who would get it unless another is written."""

    course: str
    title: str
    name: str


class OwnCertificates(Struct, frozen=True):
    certificates: list[OwnCertificate]
    earned: list[EarnedCertificate]


@endpoint("GET", "/api/certificates", answers={200: OwnCertificates}, problems=(Code.UNAVAILABLE,))
async def every(request: Request) -> Answer:
    """The certificates that you have, and the completed courses that you could have one of."""
    return Answer(body=listed(request))


@endpoint(
    "POST",
    "/api/certificates",
    answers={201: OwnCertificate},
    problems=(Code.NOT_FOUND, Code.CONFLICT),
    page=LIBRARY,
)
async def issue(request: Request, body: CertificateRequest) -> Answer:
    """A certificate for a completed course. Asked for again, it is the same one in the name that is given now."""
    service, account = service_of(request), access.signed_in(request).account
    shown = await certificates.issue(service, account, body.course, name=body.name)
    return Answer(body=_own(service, shown), status=201, page="/api/library/page#certified")


@endpoint(
    "GET",
    "/api/certificates/{certificate_id}",
    answers={200: PublicCertificate},
    problems=(Code.GONE, Code.UNAVAILABLE),
    access=Access.PUBLIC,
)
async def verify(request: Request, certificate_id: str) -> Answer:
    """Whether a certificate is good, for everybody: 410 when it was withdrawn."""
    return Answer(body=_public(service_of(request), _found(request, certificate_id)))


@endpoint(
    "GET",
    "/certificates/{certificate_id}",
    answers={200: str},
    problems=(Code.GONE, Code.UNAVAILABLE),
    access=Access.PUBLIC,
    media_type=pages.MEDIA_TYPE,
)
async def page(request: Request, certificate_id: str) -> Response:
    """The same as a page to be read and printed."""
    try:
        found = _public(service_of(request), _found(request, certificate_id))
    except AppError as error:
        if "text/html" not in request.headers.get("accept", ""):
            raise
        refused = pages.shown(request, PUBLIC_PAGE, "certificate", certificate=None, refusal=error.message)
        refused.status_code = problems.STATUSES[error.code][0]
        return refused
    return pages.shown(request, PUBLIC_PAGE, "certificate", certificate=found, refusal="")


def listed(request: Request) -> OwnCertificates:
    """Of who is signed in."""
    service, account = service_of(request), access.signed_in(request).account
    found: Certified = certificates.of(service, account)
    return OwnCertificates(
        [_own(service, shown) for shown in found.certificates],
        [EarnedCertificate(one.course, one.title, account.name) for one in found.earned],
    )


def _found(request: Request, certificate_id: str) -> Certificate:
    service = service_of(request)
    return certificates.verify(service.database.reader, certificate_id, service.catalog.current())


def _public(service: Service, found: Certificate) -> PublicCertificate:
    return PublicCertificate(
        id=found.id,
        url=f"{service.settings.url}{PUBLIC_PAGE}{found.id}",
        name=found.name,
        title=found.title,
        lectures=found.lectures,
        seconds=found.seconds,
        completed_at=times.text(found.completed_at),
        issued_at=times.text(found.issued_at),
    )


def _own(service: Service, shown: Shown) -> OwnCertificate:
    public = _public(service, shown.certificate)
    linkedin = _linkedin(service, shown.certificate, url=public.url)
    return OwnCertificate(
        certificate=public, course=shown.certificate.course_id, good=shown.good, linkedin_url=linkedin
    )


def _linkedin(service: Service, found: Certificate, *, url: str) -> str:
    """https://addtoprofile.linkedin.com/"""
    fields = {
        "startTask": "CERTIFICATION_NAME",
        "name": found.title,
        "organizationName": parseaddr(service.settings.sender)[0],
        "issueYear": found.issued_at.year,
        "issueMonth": found.issued_at.month,
        "certUrl": url,
        "certId": found.id,
    }
    return f"{LINKEDIN}?{urlencode({name: value for name, value in fields.items() if value})}"


ENDPOINTS = (every, issue, verify, page)
