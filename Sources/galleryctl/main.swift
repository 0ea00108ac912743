print("galleryctl")
