internal import Foundation
internal import HTTPServing

/// The reply to several photos.
struct PhotoReplies: Encodable, Sendable {
  /// In the photos' order.
  let photos: [PhotoReply]
}

/// The reply to one of several photos: what would have been answered to it alone.
struct PhotoReply: Encodable, Sendable {
  /// A failure, as alone it would have been a reply.
  private struct Failure: Encodable {
    let status: Int
    let message: String
    let code: Int
    let error: String
  }

  /// The file's name, as the client called it.
  let photo: String?
  let answer: Result<any Encodable & Sendable, HTTPFailure>

  private enum CodingKeys: CodingKey { case photo, failure }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(photo, forKey: .photo)
    switch answer {
    case .success(let value): try value.encode(to: encoder)
    case .failure(let failure):
      try container.encode(
        Failure(
          status: failure.status, message: failure.message, code: failure.number, error: failure.error),
        forKey: .failure)
    }
  }
}
