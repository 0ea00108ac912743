"""Uses the client against a running server, whose gallery is empty and which has made-up photos.

FACEGALLERY_ADDRESS, FACEGALLERY_KEY (may write), FACEGALLERY_READING_KEY, FACEGALLERY_PHOTO (somebody), FACEGALLERY_GROUP (the same
person and two others).
"""

import os
import pathlib
import unittest

import facegallery
from facegallery import Client

ADDRESS = os.environ["FACEGALLERY_ADDRESS"]
PHOTO = os.environ["FACEGALLERY_PHOTO"]
GROUP = os.environ["FACEGALLERY_GROUP"]


class ClientTests(unittest.TestCase):
    def setUp(self):
        self.api = Client(ADDRESS + "/", os.environ["FACEGALLERY_KEY"])
        self.reader = Client(ADDRESS, os.environ["FACEGALLERY_READING_KEY"])

    def tearDown(self):
        for person in list(self.api.people()):
            self.api.delete(person.id)
        self.api.close()
        self.reader.close()

    def refused(self, error, body):
        with self.assertRaises(error) as caught:
            body()
        return caught.exception

    def test_enrols_recognises_lists_and_deletes(self):
        with self.api as api:
            added = api.enrol(PHOTO, "Zoë Ward & Co", strict=True)
            self.assertTrue(added.added)
            self.assertEqual((added.name, len(added.faces), added.doubts), ("Zoë Ward & Co", 1, ()))
            again = api.enrol(pathlib.Path(PHOTO), "zoë  WARD & co")
            self.assertFalse(again.added)
            self.assertEqual((again.person, again.faces), (added.person, added.faces))
        found = self.reader.recognise(pathlib.Path(GROUP).read_bytes(), k=2, embedding=True)
        self.assertEqual(len(found.faces), 3)
        self.assertEqual(sorted(face.answer.known for face in found.faces), [False, False, True])
        face = next(face for face in found.faces if face.answer.known)
        self.assertEqual(face.answer.name, "Zoë Ward & Co")
        self.assertEqual(face.answer.candidates[0].person, added.person)
        self.assertGreater(face.answer.candidates[0].similarity, face.answer.threshold)
        self.assertAlmostEqual(sum(value * value for value in face.embedding), 1, places=4)
        with open(PHOTO, "rb") as file:
            self.assertEqual(len(self.reader.recognise(file, max_faces=1).faces), 1)

        claim = self.reader.verify(GROUP, added.person)
        self.assertTrue(claim.same_person)
        self.assertEqual([face.same_person for face in claim.faces].count(True), 1)

        box = next(face.box for face in found.faces if not face.answer.known)
        other = self.api.enrol(GROUP, "Bob", several_faces="all", any_quality=True)
        self.assertEqual(len(other.faces), 3, box)
        people = list(self.reader.people(page=1))
        self.assertEqual([person.name for person in people], ["Bob", "Zoë Ward & Co"])
        self.assertEqual(self.reader.person("ZOË WARD & CO").id, added.person)
        for name in ["Nobody", "Zoë", "Ward & Co"]:
            self.assertIsNone(self.reader.person(name))
        faces = list(self.reader.faces(added.person, page=1))
        self.assertIn(added.faces[0], [face.id for face in faces])
        self.assertEqual(faces[0].person, added.person)

        self.assertEqual(self.api.rename(added.person, "Zoë").name, "Zoë")
        self.assertEqual(self.api.delete_face(added.faces[0]).faces, 1)
        self.assertEqual(self.api.delete(added.person).people, ("Zoë",))
        self.assertIsNone(self.reader.person("Zoë"))
        self.assertEqual(self.api.undo().people_count, 1)
        self.assertEqual(self.api.delete(self.reader.person("Zoë").id, purge=True).people, ("Zoë",))
        # The face that was removed before her was forgotten with her.
        self.refused(facegallery.NotFound, lambda: self.api.undo())

    def test_errors_are_exceptions(self):
        forbidden = self.refused(facegallery.Forbidden, lambda: self.reader.enrol(PHOTO, "Eve"))
        self.assertEqual((forbidden.status, forbidden.kind), (403, "forbidden"))
        self.assertTrue(forbidden.request_id and str(forbidden))
        with Client(ADDRESS, "fg_this-is-no-key-of-anybody") as stranger:
            self.refused(facegallery.Unauthorized, lambda: list(stranger.people()))
        self.refused(facegallery.NotFound, lambda: self.api.delete(987654))
        self.refused(facegallery.NotFound, lambda: list(self.reader.faces(987654)))
        unreadable = self.refused(facegallery.BadRequest, lambda: self.reader.recognise(b"no photo"))
        self.assertEqual(unreadable.kind, "unreadable-photo")
        several = self.refused(facegallery.BadRequest, lambda: self.api.enrol(GROUP, "Eve"))
        self.assertEqual(several.status, 400)
        self.refused(facegallery.BadRequest, lambda: self.api.enrol(PHOTO, ""))
        self.refused(FileNotFoundError, lambda: self.api.enrol("/nowhere.jpg", "Eve"))
        self.api.enrol(PHOTO, "Ada")
        twice = self.refused(facegallery.Conflict, lambda: self.api.enrol(PHOTO, "Eve"))
        self.assertEqual(twice.kind, "other-name")
        for conditions in ["team=red", ["team=red", "cleared"]]:
            self.assertEqual(list(self.reader.people(where=conditions)), [])
        for key in ["ab\ncd" + "x" * 16, "\u043a\u043b\u044e\u0447" * 5]:
            with self.assertRaises(ValueError) as refusal:
                Client("http://localhost", key)
            self.assertNotIn(key, str(refusal.exception))
        with Client("http://127.0.0.1:1", "x" * 20, timeout=2) as nobody:
            self.assertEqual(self.refused(facegallery.Unreachable, lambda: nobody.recognise(PHOTO)).status, 0)
        for address in ["localhost:8080", "ftp://localhost", "http://", "http://h/?x=1"]:
            with self.assertRaises(ValueError):
                Client(address)


if __name__ == "__main__":
    unittest.main()
