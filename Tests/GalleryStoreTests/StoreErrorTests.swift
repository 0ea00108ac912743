import LMDB
import Testing

@testable import GalleryStore

@Suite("Errors of the database")
struct StoreErrorTests {
  @Test("damage and absence name the file, where the gallery's folder is known")
  func path() {
    for (error, code) in [
      (LMDBError.corrupted, GalleryError.Code.damaged), (.pageNotFound, .damaged), (.noSuchFile, .notFound),
    ] {
      let known = GalleryError(ofStore: error, at: "/srv/faces")
      #expect(known?.code == code && known?.message.contains("/srv/faces/data.mdb") == true)
      #expect(GalleryError(ofStore: error)?.code == code)
    }
    #expect(GalleryError(ofStore: GalleryError(.closed, "Closed."), at: "/srv/faces") == nil)
  }
}
