"""Who is this? A thin client of FaceGallery's own HTTP API (`galleryctl serve`), for Python 3.9 and newer; needs nothing else.

    from facegallery import Client

    with Client("http://localhost:8080", key) as gallery:
        gallery.enrol("ada.jpg", "Ada Lovelace")
        for face in gallery.recognise("party.jpg").faces:
            print(face.answer.name or "unknown", face.box)

A photo is a path, bytes, or a file that is open for reading bytes. What goes wrong is a `FaceGalleryError`: one class for
each thing that a program can do about it. One client may be used by one thread at a time; make one for each thread.
"""

from __future__ import annotations

import http.client
import json
import os
import ssl
import urllib.parse
from dataclasses import dataclass
from typing import Any, BinaryIO, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple, Union

__all__ = [
    "Client", "Photo", "Box", "Candidate", "Answer", "Face", "Recognition", "Enrolment", "Person", "StoredFace", "Removal",
    "Claim", "ClaimedFace", "FaceGalleryError", "BadRequest", "NoFace", "Unauthorized", "Forbidden", "NotFound", "Conflict",
    "TooLarge", "Busy", "ServerError", "Unreachable",
]

Photo = Union[str, "os.PathLike[str]", bytes, bytearray, memoryview, BinaryIO]


# What is answered.


@dataclass(frozen=True)
class Box:
    """A face's place in pixels of the upright photo; a face at the border sticks out."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Candidate:
    """Somebody of the gallery whom a face may show."""

    person: int
    name: str
    face: int
    """The number of the face of theirs that is most similar."""
    similarity: float
    """Cosine, -1 to 1."""
    probability: Optional[float]
    """0 to 1; at least 0.5 exactly for the person of a known face. None for an engine that is not calibrated."""


@dataclass(frozen=True)
class Answer:
    """Who a face is."""

    known: bool
    ambiguous: bool
    name: Optional[str]
    """The name of a known face, and None for every other."""
    names: Tuple[str, ...]
    """Who it may be, the most similar first: several when ambiguous, none when unknown."""
    threshold: float
    candidates: Tuple[Candidate, ...]


@dataclass(frozen=True)
class Face:
    """A face on a photo, and who it is."""

    box: Box
    answer: Answer
    embedding: Optional[Tuple[float, ...]]
    """A unit vector; only where it was asked for."""


@dataclass(frozen=True)
class Recognition:
    """The faces on a photo, largest first, and what is to be said of its file."""

    faces: Tuple[Face, ...]
    remarks: Tuple[str, ...]


@dataclass(frozen=True)
class Enrolment:
    """What came of a photo that was to be added."""

    added: bool
    """False when the person has this photo already."""
    person: Optional[int]
    name: Optional[str]
    faces: Tuple[int, ...]
    """Numbers of the faces, for `delete_face`."""
    doubts: Tuple[str, ...]
    """What speaks against the name, a sentence each."""
    remarks: Tuple[str, ...]


@dataclass(frozen=True)
class Person:
    """Somebody in the gallery."""

    id: int
    name: str
    faces: int
    created: str
    """ISO 8601, UTC."""


@dataclass(frozen=True)
class StoredFace:
    """A face in the gallery."""

    id: int
    person: Optional[int]
    added: str
    """ISO 8601, UTC."""
    box: Optional[Box]


@dataclass(frozen=True)
class Removal:
    """Who is gone."""

    people: Tuple[str, ...]
    """Names; none when a face was removed, or everybody."""
    people_count: int
    faces: int


@dataclass(frozen=True)
class ClaimedFace:
    """A face on a photo, compared with a person."""

    box: Box
    same_person: bool
    similarity: float
    threshold: float
    probability: Optional[float]


@dataclass(frozen=True)
class Claim:
    """Whether a photo shows a person."""

    person: Person
    same_person: bool
    faces: Tuple[ClaimedFace, ...]


# What goes wrong.


class FaceGalleryError(Exception):
    """A request that was not done. `str()` is one sentence for people."""

    def __init__(self, message: str, status: int = 0, kind: str = "", request_id: str = "", retry_after: Optional[float] = None):
        super().__init__(message)
        self.status = status
        """The HTTP status; 0 when there was no reply."""
        self.kind = kind
        """A word that never changes, such as `no-face`; the service's documentation lists them."""
        self.request_id = request_id
        """Names the request in the server's log."""
        self.retry_after = retry_after
        """Seconds after which it may work, where the server says so."""


class BadRequest(FaceGalleryError):
    """What was sent cannot be used: a photo that cannot be read, a name that is none (400, 415)."""


class NoFace(BadRequest):
    """The photo shows no face."""


class Unauthorized(FaceGalleryError):
    """The key is missing, wrong or revoked (401)."""


class Forbidden(FaceGalleryError):
    """The key may not do that, or the gallery may not be changed (403)."""


class NotFound(FaceGalleryError):
    """There is no such person or face (404, 410)."""


class Conflict(FaceGalleryError):
    """It does not fit what is in the gallery: the face is enrolled under another name, for example (409)."""


class TooLarge(FaceGalleryError):
    """The photo or the request is larger than the server takes (413)."""


class Busy(FaceGalleryError):
    """The server has too much to do, or the key makes too many requests (429, 503); `retry_after` says when to try again."""


class ServerError(FaceGalleryError):
    """The server failed, or has no room (5xx)."""


class Unreachable(FaceGalleryError):
    """There is no server, the connection broke, or the reply is none of FaceGallery's. A change may be done all the same."""


_ERRORS = {
    400: BadRequest, 401: Unauthorized, 403: Forbidden, 404: NotFound, 409: Conflict, 410: NotFound, 413: TooLarge,
    415: BadRequest, 429: Busy, 503: Busy,
}


class _Object(Dict[str, Any]):
    """An object of a reply, in which what should be there is."""

    def __missing__(self, key: str) -> Any:
        raise Unreachable(f"The reply is none of FaceGallery's: it has no {key}.")


def _box(value: Mapping[str, Any]) -> Box:
    return Box(value["x"], value["y"], value["width"], value["height"])


def _person(value: Mapping[str, Any]) -> Person:
    return Person(value["id"], value["name"], value["faces"], value["created"])


def _answer(value: Mapping[str, Any]) -> Answer:
    candidates = tuple(
        Candidate(one["person"], one["name"], one["face"], one["similarity"], one.get("probability"))
        for one in value["candidates"])
    return Answer(
        value["known"], value["ambiguous"], value.get("name"), tuple(value["names"]), value["threshold"], candidates)


def _removal(value: Mapping[str, Any]) -> Removal:
    return Removal(tuple(value["people"]), value["people_count"], value["faces"])


def _conditions(where: Union[str, Sequence[str]]) -> Optional[str]:
    return where if isinstance(where, str) else ",".join(where) or None


def _bytes(photo: Photo) -> bytes:
    if isinstance(photo, (bytes, bytearray, memoryview)):
        return bytes(photo)
    if isinstance(photo, (str, os.PathLike)):
        with open(photo, "rb") as file:
            return file.read()
    return photo.read()


class Client:
    """A gallery behind HTTP.

    `address` is that of the server (`http://localhost:8080`), `key` one of `galleryctl keys add`; None for a server
    without keys. `timeout` is in seconds, for every wait. `context` is for TLS with certificates of your own.
    """

    def __init__(
        self, address: str, key: Optional[str] = None, *, timeout: float = 60, context: Optional[ssl.SSLContext] = None
    ):
        parts = urllib.parse.urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError(f"{address!r} is no address of a server: give one such as http://localhost:8080")
        self._path = parts.path.rstrip("/")
        # Keys are read from files, which end their lines. What is no key is not told: it may be one all the same.
        self._key = None if key is None else key.strip()
        if self._key is not None and not (self._key.isascii() and self._key.isprintable()):
            raise ValueError("The key has characters that no key has.")
        self._connection: http.client.HTTPConnection
        if parts.scheme == "https":
            self._connection = http.client.HTTPSConnection(parts.hostname, parts.port, timeout=timeout, context=context)
        else:
            self._connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the connection; the next request makes another one."""
        self._connection.close()

    # People and faces.

    def enrol(
        self, photo: Photo, name: str, *, several_faces: Optional[str] = None, strict: bool = False,
        any_quality: bool = False, box: Optional[Box] = None,
    ) -> Enrolment:
        """Adds the face on a photo to the person of this name, who is made where there is none.

        `several_faces` is `largest` or `all` for photos that show more than one, which are refused otherwise; `strict` refuses
        a face that is closer to somebody else; `any_quality` takes faces that are small, blurred or turned; `box` is the face's
        place for a photo on which the detector does not find it. Raises `NoFace`, `BadRequest`, `Conflict`, ….
        """
        place = None if box is None else f"{box.x},{box.y},{box.width},{box.height}"
        value = self._send_photo("/api/v1/enrol", photo, {
            "name": name, "several_faces": several_faces, "strict": strict or None, "any_quality": any_quality or None,
            "box": place,
        })
        return Enrolment(
            value["result"] == "added", value.get("person"), value.get("name"), tuple(value["faces"]),
            tuple(doubt["reason"] for doubt in value["doubts"]), tuple(value["remarks"]))

    def recognise(
        self, photo: Photo, *, k: int = 5, threshold: Optional[float] = None, where: Union[str, Sequence[str]] = (),
        max_faces: Optional[int] = None, embedding: bool = False,
    ) -> Recognition:
        """Says of every face on a photo who it is.

        `k` is the most candidates of a face; `threshold` a similarity in place of the gallery's own; `where` has conditions such
        as `team=red`, of which candidates meet all; `embedding` asks for the faces' vectors. A photo without a face raises `NoFace`.
        """
        value = self._send_photo("/api/v1/query", photo, {
            "k": k, "threshold": threshold, "where": _conditions(where), "max_faces": max_faces, "embedding": embedding or None,
        })
        faces = tuple(
            Face(
                _box(face["detection"]["box"]), _answer(face["answer"]),
                tuple(face["embedding"]) if "embedding" in face else None)
            for face in value["faces"])
        return Recognition(faces, tuple(value.get("remarks", ())))

    def verify(self, photo: Photo, person: int, *, threshold: Optional[float] = None) -> Claim:
        """Says whether a photo shows a person, who is meant by number. Raises `NotFound`, `NoFace`, …."""
        value = self._send_photo(f"/api/v1/people/{int(person)}/verify", photo, {"threshold": threshold})
        faces = tuple(
            ClaimedFace(
                _box(face["detection"]["box"]), face["same_person"], face["similarity"], face["threshold"],
                face.get("probability"))
            for face in value["faces"])
        return Claim(_person(value["person"]), value["same_person"], faces)

    def people(self, *, where: Union[str, Sequence[str]] = (), page: int = 500) -> Iterator[Person]:
        """Everybody, by name, or those who meet conditions such as `team=red`; asks for `page` people at a time."""
        after: Optional[str] = None
        while True:
            value = self._get("/api/v1/people", {"where": _conditions(where), "limit": page, "after": after})
            for one in value["people"]:
                yield _person(one)
            after = value.get("next")
            if after is None:
                return

    def person(self, name: str) -> Optional[Person]:
        """Who has a name, whatever its letter case; None when nobody has."""
        found = self._get("/api/v1/people", {"named": name})["people"]
        return _person(found[0]) if found else None

    def faces(self, person: int, *, page: int = 500) -> Iterator[StoredFace]:
        """The faces of a person, older ones first. Raises `NotFound`."""
        after: Optional[int] = None
        while True:
            value = self._get(f"/api/v1/people/{int(person)}/faces", {"limit": page, "after": after})
            for one in value["faces"]:
                box = _box(one["detection"]["box"]) if "detection" in one else None
                yield StoredFace(one["id"], one.get("person"), one["added"], box)
            after = value.get("next")
            if after is None:
                return

    def rename(self, person: int, name: str) -> Person:
        """Gives a person another name. Raises `NotFound`, `BadRequest` for a name that somebody has."""
        return _person(self._call("PATCH", f"/api/v1/people/{int(person)}", json_body={"name": name}))

    def delete(self, person: int, purge: bool = False) -> Removal:
        """Removes a person with all faces; for a day `undo` brings them back, unless it is to purge. Raises `NotFound`."""
        return _removal(self._call("DELETE", f"/api/v1/people/{int(person)}", {"purge": purge or None}))

    def delete_face(self, face: int, purge: bool = False) -> Removal:
        """Removes a face; its person stays. As `delete` otherwise. Raises `NotFound`."""
        return _removal(self._call("DELETE", f"/api/v1/faces/{int(face)}", {"purge": purge or None}))

    def undo(self) -> Removal:
        """Brings back who or what was removed last. Raises `NotFound` when there is nothing to undo."""
        value = self._call("POST", "/api/v1/undo", json_body={})
        return Removal((), value["people"], value["faces"])

    # Requests.

    def _get(self, path: str, parameters: Mapping[str, Any]) -> Dict[str, Any]:
        return self._call("GET", path, parameters)

    def _send_photo(self, path: str, photo: Photo, parameters: Mapping[str, Any]) -> Dict[str, Any]:
        content = _bytes(photo)
        boundary = "facegallery-" + os.urandom(16).hex()
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="photo"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n")
        body = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
        return self._call("POST", path, parameters, body, f"multipart/form-data; boundary={boundary}")

    def _call(
        self, method: str, path: str, parameters: Mapping[str, Any] = {}, body: Optional[bytes] = None,
        content_type: Optional[str] = None, json_body: Any = None,
    ) -> Dict[str, Any]:
        pairs: List[Tuple[str, str]] = []
        for name, value in parameters.items():
            for one in value if isinstance(value, list) else [value]:
                if one is not None:
                    pairs.append((name, "true" if one is True else str(one)))
        target = self._path + path + ("?" + urllib.parse.urlencode(pairs, quote_via=urllib.parse.quote) if pairs else "")
        headers = {"Accept": "application/json"}
        if self._key is not None:
            headers["x-api-key"] = self._key
        if json_body is not None:
            body, content_type = json.dumps(json_body).encode(), "application/json"
        if content_type is not None:
            headers["Content-Type"] = content_type
        status, reply_headers, content = self._exchange(method, target, body, headers)
        try:
            value = json.loads(content, object_hook=_Object) if content else _Object()
            if not isinstance(value, dict):
                raise ValueError
        except ValueError:
            raise Unreachable(f"The reply (status {status}) is none of FaceGallery's.", status) from None
        if status < 300:
            return value
        kind = str(value.get("error", ""))
        error = NoFace if kind == "no-face" else _ERRORS.get(status, ServerError if status >= 500 else FaceGalleryError)
        seconds = reply_headers.get("Retry-After")
        raise error(
            str(value.get("message", f"The server refused the request (status {status}).")), status, kind,
            str(value.get("request_id", "")), float(seconds) if seconds and seconds.isdigit() else None)

    def _exchange(
        self, method: str, target: str, body: Optional[bytes], headers: Mapping[str, str]
    ) -> Tuple[int, Mapping[str, str], bytes]:
        # A server ends connections that are idle: where nothing was answered, what changes nothing is asked once more.
        attempts = 2 if method == "GET" else 1
        if method != "GET":
            self._connection.close()
        while True:
            attempts -= 1
            try:
                self._connection.request(method, target, body, dict(headers))
                reply = self._connection.getresponse()
                return reply.status, reply.headers, reply.read()
            except (OSError, http.client.HTTPException) as error:
                self._connection.close()
                if attempts == 0:
                    raise Unreachable(f"The server does not answer: {error or type(error).__name__}") from error
