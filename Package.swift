// swift-tools-version: 6.1
import PackageDescription

/// Settings of every Swift target.
let strict: [SwiftSetting] = [
  // `any P` is spelled out, so that dynamic dispatch is visible where it happens.
  .enableUpcomingFeature("ExistentialAny"),
  // A member is usable only where its module is imported: imports tell the truth.
  .enableUpcomingFeature("MemberImportVisibility"),
  // C modules and helpers stay out of public interfaces unless an import says `public`.
  .enableUpcomingFeature("InternalImportsByDefault"),
]

func library(_ name: String, _ dependencies: [Target.Dependency] = [], linker: [LinkerSetting] = []) -> Target
{
  .target(name: name, dependencies: dependencies, swiftSettings: strict, linkerSettings: linker)
}

func tests(_ module: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []) -> Target {
  .testTarget(
    name: module + "Tests", dependencies: [.target(name: module)] + dependencies, resources: resources,
    swiftSettings: strict)
}

/// dlib's detector is made of templates, which a debug build would leave a hundred times slower. SwiftPM lets no
/// dependency have such flags, so they are left out where this package is checked out as one.
let optimizedAlways: [CXXSetting] =
  Context.packageDirectory.contains("/checkouts/")
  ? [] : [.unsafeFlags(["-O2"], .when(configuration: .debug))]

/// Kernels whose sums must stay in registers, likewise.
let optimizedKernels: [CSetting] =
  Context.packageDirectory.contains("/checkouts/")
  ? [] : [.unsafeFlags(["-O2"], .when(configuration: .debug))]

/// The files of the service's web page, and the description of its API.
let webFiles = [
  "index.html", "style.css", "icon.svg", "openapi.json", "add.js", "de.js", "doubts.js", "elements.js",
  "en.js", "endless.js", "faces.js", "keys.js", "languages.js", "live.js", "main.js", "people.js",
  "person.js",
  "picker.js", "pictures.js", "recognise.js", "review.js", "rows.js", "service.js", "statistics.js",
  "uploads.js", "words.js",
]

func apt(_ packages: String...) -> [SystemPackageProvider] { [.apt(packages)] }

let package = Package(
  name: "FaceGallery",
  products: [
    .library(name: "VectorIndex", targets: ["VectorIndex"]),
    // The same for C and for what can call C: libvectorindex.so, built by Scripts/vectorindex.sh.
    .library(name: "vectorindex", type: .dynamic, targets: ["VectorIndexC"]),
    .library(name: "FaceGallery", targets: ["FaceGallery"]),
    .executable(name: "galleryctl", targets: ["galleryctl"]),
  ],
  targets: [
    // C and C++ libraries, one shim each.
    .systemLibrary(name: "CLMDB", pkgConfig: "lmdb", providers: apt("liblmdb-dev")),
    .systemLibrary(name: "CWebP", pkgConfig: "libwebp", providers: apt("libwebp-dev")),
    // HEIF, TIFF, GIF, JPEG 2000 and JPEG XL: loaded when they are needed, so nothing is linked.
    .target(name: "CPictures"),
    .systemLibrary(name: "CCairo", pkgConfig: "cairo", providers: apt("libcairo2-dev")),
    // Shapes of text: Pango, loaded with the first line, so nothing is linked.
    .target(name: "CPango"),
    .systemLibrary(name: "CGnuTLS", pkgConfig: "gnutls", providers: apt("libgnutls28-dev")),
    .systemLibrary(name: "CEpoll"),
    .systemLibrary(name: "CFiles"),
    // Conversations with PostgreSQL: libpq, loaded with the first connection, so nothing is linked.
    .target(name: "CPQ"),
    // Posts to webhooks: libcurl, loaded when there are any, so nothing is linked.
    .target(name: "CCurl"),
    .target(name: "COpenBLAS", linkerSettings: [.linkedLibrary("openblas")]),
    .target(name: "CPNG", linkerSettings: [.linkedLibrary("png16")]),
    .target(name: "CJPEG", linkerSettings: [.linkedLibrary("jpeg")]),
    .target(name: "CHOGKernels", cSettings: optimizedKernels),
    .target(
      name: "CDlib", dependencies: ["CHOGKernels", "COpenBLAS"],
      cxxSettings: [.define("DLIB_NO_GUI_SUPPORT")] + optimizedAlways,
      linkerSettings: [.linkedLibrary("dlib"), .linkedLibrary("lapack")]),
    .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: apt("libhdf5-dev")),
    .systemLibrary(name: "CZip", pkgConfig: "libzip", providers: apt("libzip-dev")),
    .target(name: "CDNNL", linkerSettings: [.linkedLibrary("dnnl"), .linkedLibrary("gomp")]),
    .target(name: "CNeuralKernels", cSettings: optimizedKernels),
    .target(name: "CVectorKernels"),
    // The header of libvectorindex.so.
    .target(name: "CVectorIndex"),
    .systemLibrary(name: "CNettle", pkgConfig: "nettle", providers: apt("nettle-dev")),
    .target(name: "CXMP", linkerSettings: [.linkedLibrary("exiv2")]),
    .target(name: "CONNX", exclude: ["onnx.proto"], linkerSettings: [.linkedLibrary("protobuf-c")]),
    // What the program does before `main`.
    .target(name: "CStart"),

    // From pixels to answers; a module imports only modules above it.
    // Digests, seeded numbers, threads, and files that are read, mapped or put in place whole: for every module but the index.
    library("Support", ["CFiles", "CNettle"]),
    // Arguments, tables, progress and help of command lines.
    library("Console", ["Support"]),
    // Heads of .safetensors and .npy files, read and written.
    library("TensorFiles", ["Support"]),
    // Clusters of a graph of neighbours.
    library("GraphClustering", ["Support"]),
    // Nearest neighbours: the HNSW graph, the exact scan, and their file; stands alone.
    library("VectorIndex", ["CVectorKernels"]),
    // The index as functions of C, which check what they are given.
    library("VectorIndexC", ["VectorIndex", "CVectorIndex"]),
    // Typed wrapper of the store's engine: environment, transactions, cursors.
    library("LMDB", ["Support", "CLMDB"]),
    // Typed wrapper of PostgreSQL's client: addresses, connections, pipelines, a pool.
    library("PostgreSQL", ["CPQ"]),
    // Photo files to upright RGB pixels, and back.
    library("Imaging", ["Support", "CJPEG", "CPNG", "CWebP", "CPictures"]),
    // Frames of videos, decoded by ffmpeg in a process of its own.
    library("Video", ["Support", "Imaging", "CFiles"]),
    // Faces that other programs have marked and named in photos: XMP in photo files and sidecars, read and written.
    library("FaceRegions", ["Imaging", "CXMP"]),
    // Boxes and labels on photos, contact sheets, charts.
    library("Drawing", ["Support", "CCairo", "CPango", "Imaging"]),
    // Networks read from weights files, planned for an input size, run.
    library(
      "NeuralNetwork", ["Support", "TensorFiles", "CDNNL", "CNeuralKernels", "CHDF5", "CZip", "CONNX"]),
    // A photo to faces, aligned and embedded; what an engine's embeddings mean.
    library("FaceEngine", ["Support", "Imaging", "NeuralNetwork", "CDlib", "COpenBLAS"]),
    // Data sets, verification and identification protocols, calibration of operating points.
    library("FaceEvaluation", ["Support", "GraphClustering", "FaceEngine", "Imaging", "COpenBLAS"]),
    // The embedding head: features, loss, triplet mining, training run.
    library(
      "HeadTraining",
      ["Support", "FaceEngine", "FaceEvaluation", "Imaging", "NeuralNetwork", "CNeuralKernels", "COpenBLAS"]),
    // What a gallery holds: records, and the stores that keep them, each a folder (LMDB/, PostgreSQL/, InMemory/).
    library("GalleryStore", ["Support", "LMDB", "PostgreSQL", "FaceEngine"]),
    // Embeddings and what is known of them, in and out of a store: npy, CSV, JSON lines, safetensors.
    library("GalleryTransfer", ["Support", "TensorFiles", "FaceEngine", "GalleryStore"]),
    // People and faces: enrolment, queries, groups, health; the index kept in step with the store.
    library(
      "FaceGallery",
      [
        "Support", "GraphClustering", "VectorIndex", "Imaging", "Video", "FaceRegions", "FaceEngine",
        "GalleryStore", "GalleryTransfer",
      ]),
    // What both front ends say: JSON shapes, limits of options, classes of errors.
    library("GalleryRecords", ["FaceGallery", "Imaging"]),
    // The service's web page and the description of its API.
    .target(
      name: "GalleryWeb",
      // In the program rather than beside it: an installed binary has no resource bundle.
      resources: webFiles.map { .embedInCode("Files/" + $0) }, swiftSettings: strict),
    // A web server: transport, routing, bodies, limits; knows no galleries.
    library("HTTPServing", ["Support", "CGnuTLS", "CEpoll"]),
    // Galleries over HTTP: routes, keys, metrics.
    library(
      "GalleryServer",
      ["Support", "FaceEngine", "FaceGallery", "GalleryRecords", "GalleryWeb", "HTTPServing", "CCurl"]),
    // The command line.
    .executableTarget(
      name: "galleryctl",
      dependencies: [
        "Support", "Console", "VectorIndex", "Imaging", "Video", "Drawing", "NeuralNetwork", "FaceEngine",
        "FaceEvaluation", "HeadTraining", "FaceGallery", "GalleryRecords", "HTTPServing", "GalleryServer",
        "CStart",
      ],
      swiftSettings: strict),

    // Measurements.
    .target(
      name: "BenchmarkKit", dependencies: ["COpenBLAS"], path: "Benchmarks/BenchmarkKit",
      swiftSettings: strict),
    .executableTarget(
      name: "gallerybench", dependencies: ["BenchmarkKit", "VectorIndex", "Drawing", "Console"],
      path: "Benchmarks/gallerybench", swiftSettings: strict),
    .executableTarget(
      name: "galleryscale",
      dependencies: ["BenchmarkKit", "FaceGallery", "FaceEngine", "VectorIndex", "Console"],
      path: "Benchmarks/galleryscale", swiftSettings: strict),
    .executableTarget(
      name: "enginebench", dependencies: ["NeuralNetwork", "FaceEngine", "Imaging"],
      path: "Benchmarks/enginebench",
      exclude: [
        "peers.py", "onnx_peers.py", "photos.py", "detection.cpp", "dlib_cpu.cpp", "requirements.txt",
      ],
      swiftSettings: strict),

    // Tests, and the programs that they start and kill.
    .executableTarget(
      name: "gallerycrasher", dependencies: ["Support", "FaceGallery", "LMDB"],
      path: "Tests/Support/gallerycrasher", swiftSettings: strict),
    .target(
      name: "HTTPTestSupport", dependencies: ["HTTPServing"], path: "Tests/Support/HTTPTestSupport",
      swiftSettings: strict),
    .target(name: "TestSupport", path: "Tests/Support/TestSupport", swiftSettings: strict),
    tests("Support", ["TestSupport"]),
    tests("TensorFiles", ["Support"]),
    tests("GraphClustering"),
    tests("Console", ["TestSupport"]),
    tests("VectorIndex", ["CVectorKernels", "TestSupport"], resources: [.copy("Fixtures")]),
    .testTarget(
      name: "VectorIndexCTests", dependencies: ["VectorIndexC", "TestSupport"], exclude: ["C"],
      swiftSettings: strict),
    tests("LMDB", ["Support", "gallerycrasher", "TestSupport"]),
    tests("PostgreSQL", ["TestSupport"]),
    tests("Imaging", ["Support"], resources: [.copy("Fixtures")]),
    tests("Video", ["Support", "Imaging", "TestSupport"]),
    tests("FaceRegions", ["Imaging", "Support"], resources: [.copy("Fixtures")]),
    tests("Drawing", ["Imaging", "Support"]),
    tests("NeuralNetwork", ["Support"], resources: [.copy("Fixtures")]),
    tests("FaceEngine", ["Imaging", "NeuralNetwork", "Support"], resources: [.copy("Golden")]),
    tests("FaceEvaluation", ["Support", "FaceEngine"]),
    tests(
      "HeadTraining", ["Support", "NeuralNetwork", "FaceEngine", "FaceEvaluation", "Imaging"],
      resources: [.copy("Fixtures")]
    ),
    tests("GalleryStore", ["Support", "FaceEngine", "LMDB", "gallerycrasher", "TestSupport"]),
    tests("GalleryTransfer", ["Support"]),
    tests(
      "FaceGallery",
      [
        "Support", "FaceEngine", "Imaging", "VectorIndex", "LMDB", "GalleryStore", "GalleryTransfer",
        "gallerycrasher", "TestSupport",
      ],
      resources: [.copy("Fixtures")]),
    tests("GalleryRecords", ["Support", "FaceGallery", "Imaging"]),
    tests("HTTPServing", ["Support", "HTTPTestSupport", "TestSupport"]),
    tests(
      "GalleryServer",
      ["Support", "FaceGallery", "GalleryWeb", "HTTPServing", "HTTPTestSupport", "TestSupport"]),
    tests("BenchmarkKit"),
    .testTarget(
      name: "GalleryctlTests",
      dependencies: [
        "Support",
        "galleryctl", "enginebench", "gallerycrasher", "FaceEngine", "Imaging", "NeuralNetwork",
        "HTTPTestSupport",
        "TestSupport",
      ],
      swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)
