import Foundation
import TestSupport
import Testing

extension PythonTool {
  static let schemathesis = PythonTool("schemathesis", "schemathesis==4.32.5")
  static let clientGenerator = PythonTool("openapi-python-client", "openapi-python-client==0.29.1")
  static let playwright = PythonTool("playwright", "playwright==1.65.2")
  static let axe = PythonTool("axe", "axe-playwright-python==0.1.8")

  /// CompreFace's webcam demo, fetched when it is first needed; nil where it cannot be had.
  static let webcamDemo: String? = {
    guard let run = try? run(["bash", file("Scripts/compreface-demo.sh")]), run.status == 0 else {
      return nil
    }
    return run.output.trimmingCharacters(in: .whitespacesAndNewlines)
  }()
}

extension Trait where Self == ConditionTrait {
  /// Runs the test only where PyPI's schemathesis can be installed.
  static var needsSchemathesis: Self {
    .enabled("schemathesis cannot be installed from PyPI here") { PythonTool.schemathesis.folder != nil }
  }

  /// Runs the test only where PyPI's openapi-python-client can be installed.
  static var needsClientGenerator: Self {
    .enabled("openapi-python-client cannot be installed from PyPI here") {
      PythonTool.clientGenerator.folder != nil
    }
  }

  /// Runs the test only where CompreFace's webcam demo can be had.
  static var needsWebcamDemo: Self {
    .enabled("CompreFace's webcam demo cannot be fetched here: see Scripts/compreface-demo.sh") {
      PythonTool.webcamDemo != nil
    }
  }

  /// Runs the test only where there is a Chromium, and PyPI's playwright can be installed.
  static var needsChromium: Self {
    .enabled("chromium is not there (apt install chromium), or playwright cannot be installed from PyPI") {
      FileManager.default.isExecutableFile(atPath: "/usr/bin/chromium") && PythonTool.playwright.folder != nil
    }
  }
}
