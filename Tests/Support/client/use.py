"""Enrols, recognises and deletes through a client that openapi-python-client has generated from our openapi.json.

use.py ADDRESS KEY READING_KEY PHOTO GROUP_PHOTO; the folder of the package `facegallery` is in PYTHONPATH.
PHOTO shows somebody, and GROUP_PHOTO the same person and two others.
"""

import sys
from http import HTTPStatus

from facegallery import AuthenticatedClient
from facegallery.api.faces import enrol_photo, get_face, get_thumbnail, move_faces
from facegallery.api.groups import find_groups, ignore, list_groups, list_ignored, name_group
from facegallery.api.people import delete_person, get_person_marks, list_faces, list_people, mark_person
from facegallery.api.queries import query_photo, query_photos, search_embeddings, verify_person
from facegallery.api.upkeep import get_gallery, list_changes
from facegallery.models import (
    ClusteringRequest,
    EnrolPhotoFilesBody,
    Error,
    FaceMoving,
    IgnoreRequest,
    Naming,
    QueryPhotoFilesBody,
    QueryPhotosFilesBody,
    SearchRequest,
    TagChange,
    TagChangeTags,
    VerifyPersonFilesBody,
)
from facegallery.types import UNSET, File

address, key, reading_key, photo, group_photo = sys.argv[1:]


def client(key):
    return AuthenticatedClient(base_url=address, token=key, prefix="", auth_header_name="x-api-key")


def file(path, name=None):
    return File(payload=open(path, "rb"), file_name=name or "photo.png", mime_type="image/png")


api, reader = client(key), client(reading_key)

# Enrol.
reply = enrol_photo.sync_detailed(client=api, body=EnrolPhotoFilesBody(file=file(photo)), name="Ada Lovelace")
assert reply.status_code == HTTPStatus.CREATED, reply
enrolled = reply.parsed
assert enrolled.result == "added" and enrolled.name == "Ada Lovelace" and len(enrolled.faces) == 1, enrolled
again = enrol_photo.sync(client=api, body=EnrolPhotoFilesBody(file=file(photo)), name="Ada Lovelace")
assert again.result == "skipped" and again.faces == enrolled.faces, again
refused = enrol_photo.sync_detailed(client=reader, body=EnrolPhotoFilesBody(file=file(photo)), name="Eve")
assert refused.status_code == HTTPStatus.FORBIDDEN and isinstance(refused.parsed, Error), refused
assert refused.parsed.error == "forbidden", refused.parsed

# Recognise.
answer = query_photo.sync(client=reader, body=QueryPhotoFilesBody(file=file(photo)), k=3).faces[0].answer
assert answer.known and answer.name == "Ada Lovelace", answer
assert answer.candidates[0].thumbnail == f"/api/v1/faces/{enrolled.faces[0]}/thumbnail", answer
picture = get_thumbnail.sync(client=reader, face=enrolled.faces[0])
assert picture.payload.read(2) == b"\xff\xd8", picture
person = enrolled.person
batch = query_photos.sync(
    client=reader, body=QueryPhotosFilesBody(files=[file(photo, "a.png"), file(__file__, "b.png"), file(group_photo, "c.png")]))
assert [item.photo for item in batch.photos] == ["a.png", "b.png", "c.png"], batch
assert batch.photos[0].faces[0].answer.name == "Ada Lovelace" and len(batch.photos[2].faces) == 3, batch
assert batch.photos[1].faces is UNSET and batch.photos[1].failure.error == "unreadable-photo", batch.photos[1]
claim = verify_person.sync(client=reader, person=person, body=VerifyPersonFilesBody(file=file(group_photo)))
assert claim.same_person and [face.same_person for face in claim.faces].count(True) == 1, claim

# Tags, lists.
mark_person.sync(client=api, person=person, body=TagChange(tags=TagChangeTags.from_dict({"team": "red"})))
assert get_person_marks.sync(client=reader, person=person).tags.to_dict() == {"team": "red"}
listed = list_people.sync(client=reader, where="team=red", limit=1)
assert listed.total == 1 and listed.people[0].id == person and listed.next_ is UNSET, listed
faces = list_faces.sync(client=reader, person=person)
assert [face.id for face in faces.faces] == enrolled.faces and faces.total == 1, faces

# Groups.
for path in [photo, group_photo]:
    enrol_photo.sync(client=api, body=EnrolPhotoFilesBody(file=file(path)), unnamed=True)
found = find_groups.sync(client=api, body=ClusteringRequest(threshold=0.6, min_faces=1))
groups = list_groups.sync(client=reader)
assert found.total == groups.total == len(groups.groups) == 3, (found, groups)
own = next(group for group in groups.groups if group.verdict == "Ada Lovelace")
named = name_group.sync(client=api, group=own.group, body=Naming(person=person))
assert named.person.faces == 1 + own.size and len(named.moved) == own.size, named
other = next(group for group in groups.groups if group.group != own.group)
ignored = ignore.sync(client=api, body=IgnoreRequest(group=other.group))
assert [face.face for face in list_ignored.sync(client=reader).faces] == ignored.faces, ignored
back = move_faces.sync(client=api, body=FaceMoving(faces=[face.face for face in named.moved], unnamed=True, group=own.group))
assert back.person is UNSET and all(face.from_ == person for face in back.moved), back

# Delete.
removal = delete_person.sync(client=api, person=person)
assert removal.people == ["Ada Lovelace"] and removal.faces == 1, removal
gone = get_face.sync_detailed(client=reader, face=enrolled.faces[0])
assert gone.status_code == HTTPStatus.NOT_FOUND and gone.parsed.error == "no-such-image", gone
changes = list_changes.sync(client=reader)
assert changes.changes[-1].kind == "person-removed" and changes.next_ is UNSET, changes
assert get_gallery.sync(client=reader).people == 0
assert search_embeddings.sync(client=reader, body=SearchRequest(embeddings=[[1.0] * 16], k=1)).answers[0].known is False
