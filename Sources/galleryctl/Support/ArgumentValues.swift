public import Console
public import FaceEngine
public import FaceGallery

extension DetectorKind: ArgumentValue {}

extension QueryOptions.Grouping: ArgumentValue {}

extension SeveralFacesPolicy: ArgumentValue {}
