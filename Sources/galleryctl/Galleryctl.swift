import Console
import FaceGallery
import Foundation
import Support

/// The command line of FaceGallery.
@main
enum Galleryctl {
  static let version = "0.1.0"

  static let program = Program(
    name: "galleryctl", version: version,
    summary: "Answers \"who is this?\": keeps faces of known people, finds them in photos.",
    groups: [
      .init("ask", [QueryCommand.self, VerifyCommand.self, DetectCommand.self]),
      .init(
        "manage",
        [
          CreateCommand.self, AddCommand.self, SyncCommand.self, ClusterCommand.self, NameCommand.self,
          RenameCommand.self,
          SplitCommand.self,
          TagCommand.self, RemoveCommand.self, UndoCommand.self,
        ]),
      .init(
        "keep",
        [
          CheckCommand.self, AuditCommand.self, BackupCommand.self, RestoreCommand.self, CopyCommand.self,
          CompactCommand.self,
          ExportCommand.self,
          ImportCommand.self, ReembedCommand.self,
        ]),
      .init(
        "look", [ListCommand.self, ShowCommand.self, InfoCommand.self, BenchCommand.self, DoctorCommand.self]),
      .init("serve", [ServeCommand.self, KeysCommand.self]),
      .init("networks", [TrainCommand.self, EvalCommand.self, WeightsCommand.self]),
    ],
    shared: SharedOptions.all, forms: [SharedOptions.json, QueryCommand.jsonLines, Report.csv],
    epilogue: """
      exit status: 0 done; 1 the answer is no (verify: different people, query: nobody known);
      2 wrong usage; 3 bad input, also a place where the output cannot be written, though what else was given may be done; 4 the gallery, the engine or the machine is in trouble.
      """,
    willRun: { AuditOrigin.set(by: "galleryctl \($0)") }, exitCode: { ErrorReport($0).exitCode },
    remedy: { ErrorReport($0).remedy })

  static func main() {
    Terminal.holdStandardStreams()
    // A pipe closed by its reader (`galleryctl list | head`) ends the program quietly.
    signal(SIGPIPE, SIG_DFL)
    // A limit on the size of files is an error of the write that meets it, as a full disk is.
    signal(SIGXFSZ, SIG_IGN)
    exit(program.run(Array(PathText.arguments.dropFirst())).rawValue)
  }
}
