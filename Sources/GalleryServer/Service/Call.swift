public import FaceGallery
public import Foundation
public import HTTPServing

/// A request on its way to a route's handler, with what it may work on.
public struct Call: Sendable {
  /// The request.
  public let request: HTTPRequest
  /// The path's parameters by name, decoded.
  public let parameters: [String: String]
  /// The photos of the body, in the order of the fields that the route names; none on other routes.
  public let photos: [Data]
  /// Parameters and form fields that the route does not know and passes over.
  let passedOver: [String]
  /// What the request's key is good for; nil on routes that are open to anyone, and for the key for metrics.
  let grant: Grant?
  /// The service.
  public let service: GalleryService

  /// The gallery of the request's key.
  ///
  /// - Throws: ``HTTPFailure`` 500 on a route that asks for no key.
  public var gallery: Gallery {
    get throws(HTTPFailure) { try served.gallery }
  }

  /// The gallery of the request's key, with its name.
  public var served: ServedGallery {
    get throws(HTTPFailure) {
      guard let grant else {
        throw HTTPFailure(500, "internal", "The route works on a gallery and asks for no key.")
      }
      return grant.gallery
    }
  }

  /// What the request's key may do.
  var role: Role { grant?.role ?? .read }

  /// A parameter of the path.
  public func parameter(_ name: String) -> String { parameters[name] ?? "" }
}
