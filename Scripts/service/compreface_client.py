"""Calls a server with CompreFace's own Python client: compreface_client.py URL PORT KEY PHOTO_A PHOTO_A2 PHOTO_B

Prints one line a call; ends with an exception when a reply is not what CompreFace's would be.
"""
import sys

from compreface import CompreFace
from compreface.collections import FaceCollection, Subjects
from compreface.service import DetectionService, RecognitionService, VerificationService

domain, port, key, first, second, other = sys.argv[1:]
client = CompreFace(domain, port, {"det_prob_threshold": 0.6, "limit": 0, "prediction_count": 2,
                                   "face_plugins": "landmarks,calculator", "status": "true"})
recognition: RecognitionService = client.init_face_recognition(key)
faces: FaceCollection = recognition.get_face_collection()
subjects: Subjects = recognition.get_subjects()
verification: VerificationService = client.init_face_verification(key)
detection: DetectionService = client.init_face_detection(key)


def expect(what, condition, reply):
    print("ok" if condition else "FAILED", what)
    if not condition:
        sys.exit(f"{what}: {reply}")


reply = subjects.add("Somebody Else")
expect("subjects.add", reply == {"subject": "Somebody Else"}, reply)
reply = faces.add(first, "Barack Obama")
expect("faces.add", reply.get("subject") == "Barack Obama" and len(reply["image_id"]) == 36, reply)
image_id = reply["image_id"]
with open(other, "rb") as file:
    reply = faces.add(file.read(), "Joe Biden")
expect("faces.add from bytes", reply.get("subject") == "Joe Biden", reply)
reply = subjects.list()
expect("subjects.list", sorted(reply["subjects"]) == ["Barack Obama", "Joe Biden", "Somebody Else"], reply)
reply = faces.list()
expect("faces.list", reply["total_elements"] == 2 and reply["page_size"] == 20, reply)
reply = recognition.recognize(second)
best = reply["result"][0]
expect("recognize", best["subjects"][0]["subject"] == "Barack Obama" and best["known"] is True, reply)
expect("recognize: two predictions", len(best["subjects"]) == 2, reply)
expect("recognize: plugins", len(best["landmarks"]) == 5 and len(best["embedding"]) == 128, reply)
expect("recognize: status", "detector" in reply["plugins_versions"], reply)
reply = recognition.recognize(second, {"limit": 1, "prediction_count": 1})
expect("recognize with options", len(reply["result"][0]["subjects"]) == 1, reply)
reply = faces.verify(second, image_id)
expect("faces.verify", reply["result"][0]["same_person"] is True, reply)
reply = verification.verify(first, other)
match = reply["result"][0]["face_matches"][0]
expect("verification.verify", match["same_person"] is False and match["similarity"] < 0.95, reply)
reply = detection.detect(first)
expect("detection.detect", reply["result"][0]["box"]["probability"] > 0.6, reply)
reply = subjects.update("Somebody Else", "Nobody")
expect("subjects.update", reply == {"updated": True}, reply)
reply = subjects.update("Nobody", "Joe Biden")
expect("subjects.update merges", reply == {"updated": True}, reply)
reply = faces.delete(image_id)
expect("faces.delete", reply == {"image_id": image_id, "subject": "Barack Obama"}, reply)
reply = faces.delete(image_id)
expect("faces.delete of what is gone", reply["code"] == 44, reply)
reply = faces.delete_all("Joe Biden")
expect("faces.delete_all", reply == {"deleted": 1}, reply)
reply = subjects.delete("Barack Obama")
expect("subjects.delete", reply == {"subject": "Barack Obama"}, reply)
reply = subjects.delete_all()
expect("subjects.delete_all", reply == {"deleted": 0}, reply)
reply = client.init_face_recognition("not a key of this server").get_subjects().list()
expect("an unknown key", reply["code"] == 10, reply)
