// Programs that import the façade name faces, embeddings and pictures without further imports.
@_exported public import FaceEngine
@_exported public import GalleryStore
@_exported public import GalleryTransfer
@_exported public import Imaging
@_exported public import Video
