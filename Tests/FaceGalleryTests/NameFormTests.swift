import Testing

@testable import FaceGallery

/// The cases that the lists of names in ``DatasetTests`` do not have: where a form ends, and letters of more than one scalar.
@Suite("Forms of names")
struct NameFormTests {
  @Test(
    "dates", arguments: ["1999", "2024-05", "2024.05.31", "20240501", "2024_0501", "2024 05 01"])
  func dates(name: String) { #expect(NameForm(name).isDate) }

  @Test(
    "no dates",
    arguments: [
      "", "199", "1899", "2100", "2024-", "2024-5", "2024-13", "2024-00", "2024-05-32", "2024-05-00",
      "2024-05-011",
      "2024--05", "2024-05-", "２０２４", "2024-0\u{35}\u{301}",
    ])
  func noDates(name: String) { #expect(!NameForm(name).isDate) }

  @Test(
    "names of cameras",
    arguments: [
      "P1010001", "P1010001-2", "P1010001 (1)", "SAM 0001", "MG_1234", " MG_1234", "_MG 1234(3", "GH010001",
      "PANO_2", "PANO_2024_01_02", "PANO 1_(2)", "PANO_12)", "100CANON", "999_____", "100CANON_1",
    ])
  func cameras(name: String) { #expect(NameForm(name).isOfCamera) }

  @Test(
    "no names of cameras",
    arguments: [
      "", "P101000", "P10100012x", "SAM-0001", "MG_123", "__MG_1234", "GA010001", "PANO_", "PANO_x", "PANO_)",
      "099CANON", "100CANO", "100canon", "100CANO\u{301}N", "100CANON ()",
    ])
  func noCameras(name: String) { #expect(!NameForm(name).isOfCamera) }

  @Test(
    "counted names",
    arguments: [
      "_DSC1234", "DSC_1234", "HPIM0001", "X1Y20001", "R0012345", "ABCDE1234", "ab12345", "DSC_1234 (1)(2)-3",
      "HPIM0001_2)",
    ])
  func counted(name: String) { #expect(NameForm(name).isCounted) }

  @Test(
    "no counted names",
    arguments: [
      "", "_DS1234", "DSC-1234", "HPIM001", "ABCDEF1234", "ab1234", "a12345", "DSC_1234 ()", "ÄBCD1234",
    ])
  func notCounted(name: String) { #expect(!NameForm(name).isCounted) }

  @Test(
    "names of data sets",
    arguments: [
      "Ada_Lovelace_0001", "O'Neil_Mary-Jane_J._0012", "山田_太郎_0001", "Zoe\u{308}_É_0001", "a_b_c_0001",
      "क्ष_नमस्ते_0001",
    ])
  func dataSets(name: String) { #expect(NameForm(name).isOfDataSet) }

  @Test(
    "no names of data sets",
    arguments: [
      "", "Ada_0001", "Ada_Lovelace_001", "Ada_Lovelace_00001", "Ada__Lovelace_0001", "Ada_Lovelace_",
      "_Ada_B_0001",
      "Ada_2_0001", "Ada_-b_0001", "Ada Lovelace_B_0001", "😀_b_0001", "Ada_Lovelace_0001 (1)", "a_b_000１",
    ])
  func noDataSets(name: String) { #expect(!NameForm(name).isOfDataSet) }

  @Test("UUIDs")
  func uuids() {
    #expect(NameForm("3F2504E0-4F89-11D3-9A0C-0305E82C3301").beginsWithUUID)
    #expect(NameForm("3f2504e0-4f89-11d3-9a0c-0305e82c3301 (1)").beginsWithUUID)
    #expect(!NameForm("3F2504E0-4F89-11D3-9A0C-0305E82C330").beginsWithUUID)
    #expect(!NameForm("3F2504E0_4F89-11D3-9A0C-0305E82C3301").beginsWithUUID)
    #expect(!NameForm("3G2504E0-4F89-11D3-9A0C-0305E82C3301").beginsWithUUID)
  }

  @Test(
    "marks of copies",
    arguments: [
      ("Copy of Ada", "Ada"), ("COPY (2) OF  Ada", "Ada"), ("Ada copy", "Ada"), ("Ada - КОПИЯ (3) ", "Ada"),
      ("Ada_(kopio) 2", "Ada"), ("Kopi_av_kopie von Ada copy", "Ada"),
      ("Zoe\u{308} co\u{301}pia", "Zoe\u{308}"),
      // No marks.
      ("copy", "copy"), (" copy", " copy"), ("Copyof Ada", "Copyof Ada"), ("Ada copy cat", "Ada copy cat"),
      ("Copy 2of Ada", "Copy 2of Ada"), ("Copy of", "Copy of"),
    ])
  func copies(name: String, rest: String) { #expect(NameFromPath.withoutCopyMarks(name) == rest) }
}
